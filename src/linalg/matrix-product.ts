import { createArena } from "./arena.ts";
import { matrixOf, newStorage } from "./storage.ts";

/** Products with fewer multiplications are done in JavaScript: making the kernels' memory costs about a millisecond. */
const SMALL = 2 ** 18;

const smallProduct = (a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array => {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]!;
      for (let j = 0; j < n; j++) c[i * n + j] = c[i * n + j]! + factor * b[p * n + j]!;
    }
  return c;
};

/**
 * A·B for row-major A [m, k] and B [k, n]: [m, n], owned by the caller. Cost: 2·m·n·k FLOPs, at about 20 GFLOP/s; blocks its thread.
 * @throws LensError MATRIX_TOO_LARGE; RangeError when lengths do not fit.
 */
export const matrixProduct = (a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array => {
  if (a.length !== m * k || b.length !== k * n) throw new RangeError(`matrixProduct: ${a.length} and ${b.length} numbers are not [${m}, ${k}] and [${k}, ${n}]`);
  if (m * k * n < SMALL) return smallProduct(a, b, m, k, n);
  const arena = createArena();
  const [left, right, out] = [arena.reserve(m * k), arena.reserve(k * n), arena.reserve(m * n)];
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  arena.view(left, m * k).set(a);
  arena.view(right, k * n).set(b);
  // Row-major C is column-major Cᵀ = Bᵀ·Aᵀ.
  arena.kernels.product(n, m, k, 1, right, 8, 8 * n, left, 8, 8 * k, out, 8 * n, 0, scratch);
  return arena.view(out, m * n).slice();
};

/** Copies what lies on one side of the diagonal of C [n, n] to the other, in tiles that stay in the cache. */
const mirror = (c: Float64Array, n: number): void => {
  const tile = 64;
  for (let rows = 0; rows < n; rows += tile)
    for (let columns = 0; columns <= rows; columns += tile)
      for (let i = rows; i < Math.min(n, rows + tile); i++)
        for (let j = columns; j < Math.min(i, columns + tile); j++) c[i * n + j] = c[j * n + i]!;
};

/**
 * A·Aᵀ [m, m] ("rows") or Aᵀ·A [k, k] ("columns") of a row-major A [m, k], in storage that `symmetricSpectrum` uses in place; owned by the
 * caller, both triangles filled. A is taken a few megabytes at a time. Cost: half of the full product's 2·m²·k FLOPs (2·m·k²).
 * @throws LensError MATRIX_TOO_LARGE; RangeError when lengths do not fit.
 */
export const gramMatrix = (a: Float64Array, m: number, k: number, side: "rows" | "columns"): Float64Array => {
  if (a.length !== m * k) throw new RangeError(`gramMatrix: ${a.length} numbers are not [${m}, ${k}]`);
  const [n, inner] = side === "rows" ? [m, k] : [k, m];
  const depth = Math.max(1, Math.min(inner, Math.ceil(2 ** 20 / n)));
  const stored = newStorage(n * n);
  const { arena, address } = stored;
  const piece = arena.reserve(n * depth);
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  for (let from = 0; from < inner; from += depth) {
    const count = Math.min(depth, inner - from);
    const held = arena.view(piece, n * count);
    if (side === "columns") held.set(a.subarray(from * k, (from + count) * k));
    else for (let i = 0; i < m; i++) held.set(a.subarray(i * k + from, i * k + from + count), i * count);
    const [outward, inward] = side === "columns" ? [8, 8 * n] : [8 * count, 8];
    arena.kernels.product(n, n, count, 1, piece, outward, inward, piece, inward, outward, address, 8 * n, 1, scratch);
  }
  const c = matrixOf(stored, n);
  mirror(c, n);
  return c;
};
