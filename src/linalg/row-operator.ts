import { type Arena, createArena } from "./arena.ts";
import type { LinearOperator } from "./operator.ts";
import type { RowSlice, RowSource } from "./row-source.ts";

/** Numbers of a slice that are taken in float64 at once. */
const PIECE = 2 ** 21;

/** Rows of a slice in float64, some at a time, at an address of the arena. */
const eachPiece = (arena: Arena, at: number, depth: number, columns: number, { from, count, values }: RowSlice, take: (from: number, rows: number) => void): void => {
  for (let first = 0; first < count; first += depth) {
    const rows = Math.min(depth, count - first);
    arena.view(at, rows * columns).set(values.subarray(first * columns, (first + rows) * columns));
    take(from + first, rows);
  }
};

/**
 * A matrix that is seen by its rows as an operator: one visit of the rows for each call, whatever the number of vectors. Products are float64;
 * 2·rows·columns FLOPs for each vector, on this thread. Memory: both blocks, 8·(rows + columns)·count bytes, and 16 MiB.
 * @throws what the source throws, LensError MATRIX_TOO_LARGE.
 */
export const operatorOfRows = (source: RowSource): LinearOperator => {
  const { rows, columns } = source;
  const depth = Math.max(1, Math.floor(PIECE / columns));
  const applied = async (block: Float64Array, count: number, transposed: boolean): Promise<Float64Array> => {
    const [given, found] = transposed ? [rows, columns] : [columns, rows];
    const arena = createArena();
    const { kernels } = arena;
    const [x, y, piece, scratch] = [arena.reserve(given * count), arena.reserve(found * count), arena.reserve(depth * columns), arena.reserve(kernels.productScratch() / 8)];
    arena.view(x, given * count).set(block.subarray(0, given * count));
    await source.visit((slice) => {
      eachPiece(arena, piece, depth, columns, slice, (from, some) => {
        if (transposed) kernels.product(columns, count, some, 1, piece, 8, 8 * columns, x + 8 * from, 8, 8 * rows, y, 8 * columns, 0, scratch);
        else kernels.product(some, count, columns, 1, piece, 8 * columns, 8, x, 8, 8 * columns, y + 8 * from, 8 * rows, 0, scratch);
      });
    });
    return arena.view(y, found * count).slice();
  };
  return { rows, columns, apply: (block, count) => applied(block, count, false), applyTransposed: (block, count) => applied(block, count, true) };
};
