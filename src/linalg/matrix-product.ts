import { createArena } from "./arena.ts";
import { createGramSum, mirror } from "./gram-sum.ts";
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

/**
 * A·Aᵀ [m, m] ("rows") or Aᵀ·A [k, k] ("columns") of a row-major A [m, k], in storage that `symmetricSpectrum` uses in place; owned by the
 * caller, both triangles filled. A is taken a few megabytes at a time. Cost: half of the full product's 2·m²·k FLOPs (2·m·k²).
 * @throws LensError MATRIX_TOO_LARGE; RangeError when lengths do not fit.
 */
export const gramMatrix = (a: Float64Array, m: number, k: number, side: "rows" | "columns"): Float64Array => {
  if (a.length !== m * k) throw new RangeError(`gramMatrix: ${a.length} numbers are not [${m}, ${k}]`);
  if (side === "columns") {
    const sum = createGramSum(k);
    sum.add(a, m);
    return sum.finish();
  }
  const depth = Math.max(1, Math.min(k, Math.ceil(2 ** 20 / m)));
  const stored = newStorage(m * m);
  const { arena, address } = stored;
  const piece = arena.reserve(m * depth);
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  for (let from = 0; from < k; from += depth) {
    const count = Math.min(depth, k - from);
    const held = arena.view(piece, m * count);
    for (let i = 0; i < m; i++) held.set(a.subarray(i * k + from, i * k + from + count), i * count);
    arena.kernels.product(m, m, count, 1, piece, 8 * count, 8, piece, 8, 8 * count, address, 8 * m, 1, scratch);
  }
  const c = matrixOf(stored, m);
  mirror(c, m);
  return c;
};
