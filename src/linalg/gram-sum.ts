import { matrixOf, newStorage } from "./storage.ts";

/** AᵀA of a matrix A that is seen a slice of rows at a time. */
export interface GramSum {
  /** Adds the slice [count, columns] (row-major, kept); float32 is widened first. Cost: count·columns² FLOPs. */
  add(slice: Float32Array | Float64Array, count: number): void;
  /** AᵀA [columns, columns], both triangles, in storage that `symmetricSpectrum` uses in place; nothing may be added afterwards. */
  finish(): Float64Array;
}

/** Numbers of a slice that are multiplied at once: they stay in the cache. */
const PIECE = 2 ** 20;

/** Copies what lies on one side of the diagonal of C [n, n] to the other, in tiles that stay in the cache. */
export const mirror = (c: Float64Array, n: number): void => {
  const tile = 64;
  for (let rows = 0; rows < n; rows += tile)
    for (let columns = 0; columns <= rows; columns += tile)
      for (let i = rows; i < Math.min(n, rows + tile); i++)
        for (let j = columns; j < Math.min(i, columns + tile); j++) c[i * n + j] = c[j * n + i]!;
};

/** An empty sum for rows of `columns` numbers. Memory: 8·columns² bytes and a few megabytes. @throws LensError MATRIX_TOO_LARGE. */
export const createGramSum = (columns: number): GramSum => {
  const stored = newStorage(columns * columns);
  const { arena, address } = stored;
  const depth = Math.max(1, Math.ceil(PIECE / columns));
  const piece = arena.reserve(columns * depth);
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  return {
    add: (slice, count) => {
      for (let from = 0; from < count; from += depth) {
        const rows = Math.min(depth, count - from);
        arena.view(piece, columns * rows).set(slice.subarray(from * columns, (from + rows) * columns));
        // Row-major [rows, columns] is column-major [columns, rows]: the piece times its own transpose, lower triangle only.
        arena.kernels.product(columns, columns, rows, 1, piece, 8, 8 * columns, piece, 8 * columns, 8, address, 8 * columns, 1, scratch);
      }
    },
    finish: () => {
      const c = matrixOf(stored, columns);
      mirror(c, columns);
      return c;
    },
  };
};
