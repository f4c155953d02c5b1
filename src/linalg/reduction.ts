import { part, type Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import { reduceToBand } from "./band.ts";
import { applyChase, bandToTridiagonal } from "./bulge-chasing.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";
import { applyReflectors, type BandReduction } from "./reflectors.ts";
import type { Tridiagonal } from "./tridiagonal.ts";

/** Row-major [n, width] from the columns of [n, count], in blocks that stay in the cache; columns from `count` on are left as they are. */
const toRows = (columns: Float64Array, n: number, count: number, rows: Float64Array, width: number): void => {
  for (let v = 0; v < count; v += 8)
    for (let i = 0; i < n; i++) for (let k = v; k < Math.min(v + 8, count); k++) rows[i * width + k] = columns[k * n + i]!;
};

/** The inverse of `toRows`. */
const toColumns = (rows: Float64Array, width: number, n: number, count: number, columns: Float64Array): void => {
  for (let v = 0; v < count; v += 8)
    for (let i = 0; i < n; i++) for (let k = v; k < Math.min(v + 8, count); k++) columns[k * n + i] = rows[i * width + k]!;
};

/** A = Q·T·Qᵀ, in two steps: Q = (panels of reflectors)·(reflectors of the chase, kept when vectors are wanted). */
export interface Reduction {
  readonly panels: BandReduction;
  readonly kept: Address | null;
  readonly tridiagonal: Tridiagonal;
}

/** A few vectors of length n side by side: vector v is column v of a row-major [n, width], width a multiple of 8. */
export interface Rows {
  readonly address: Address;
  readonly count: number;
  readonly width: number;
}

const padded = (count: number): number => Math.ceil(count / 8) * 8;

/**
 * Reduces the symmetric matrix at `matrix` [n, n] (lower triangle of the column-major matrix; destroyed) to T, and takes the given vectors
 * along: `rows` holds Qᵀz. With `keep` it can be undone by `turnBack`. Cost: 4/3·n³ + 4·n²·vectors FLOPs.
 */
export const reduceToTridiagonal = async (arena: Arena, matrix: Address, n: number, vectors: readonly Float64Array[], keep: boolean, pause: Pause, progress: Progress): Promise<Reduction & { readonly rows: Rows }> => {
  const { reduction: panels, band } = await reduceToBand(arena, matrix, n, pause, part(progress, 0, 0.8));
  const count = vectors.length;
  const width = padded(count);
  const columns = arena.reserve(n * count);
  for (const [v, z] of vectors.entries()) arena.view(columns + 8 * n * v, n).set(z);
  await applyReflectors(arena, panels, true, columns, count, pause);
  const address = arena.reserve(n * width);
  toRows(arena.view(columns, n * count), n, count, arena.view(address, n * width), width);
  const kept = keep ? arena.reserve((n * (n - 1)) / 2) : null;
  const tridiagonal = await bandToTridiagonal(arena, band, n, address, width, kept, pause, part(progress, 0.8, 1));
  return { panels, kept, tridiagonal, rows: { address, count, width } };
};

/** B ← Q·B for B [n, count], column-major, at `block`: eigenvectors of T become those of A. Needs a reduction that was kept. Cost: 4·n²·count FLOPs. */
export const turnBack = async (arena: Arena, { panels, kept }: Reduction, block: Address, count: number, pause: Pause): Promise<void> => {
  if (kept === null) throw new RangeError("turnBack: the reflectors were not kept");
  const { n } = panels;
  const width = padded(count);
  const rows = arena.reserve(n * width);
  toRows(arena.view(block, n * count), n, count, arena.view(rows, n * width), width);
  await applyChase(arena, n, rows, width, kept, pause);
  toColumns(arena.view(rows, n * width), width, n, count, arena.view(block, n * count));
  await applyReflectors(arena, panels, false, block, count, pause);
};
