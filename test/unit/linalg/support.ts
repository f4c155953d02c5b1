import { random } from "../../../src/core/random.ts";

/** A symmetric matrix with the given eigenvalues: A = H·diag·H for the product H of a few random reflectors. Row-major. */
export const withEigenvalues = (values: readonly number[], seed: number): Float64Array => {
  const n = values.length;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * n + i] = values[i]!;
  const draw = random(seed, "reflectors");
  for (let k = 0; k < 3; k++) reflectBothSides(a, n, draw.normals(n));
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
  return a;
};

/** A ← H·A·H, H = I − 2·v·vᵀ/vᵀv. */
const reflectBothSides = (a: Float64Array, n: number, v: Float64Array): void => {
  const square = v.reduce((sum, x) => sum + x * x, 0);
  const w = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) w[i] = w[i]! + a[i * n + j]! * v[j]!;
  const inner = v.reduce((sum, x, i) => sum + x * w[i]!, 0);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) a[i * n + j] = a[i * n + j]! - (2 / square) * (v[i]! * w[j]! + w[i]! * v[j]!) + ((4 * inner) / square ** 2) * v[i]! * v[j]!;
};

/** A random symmetric matrix, row-major. */
export const randomSymmetric = (n: number, seed: number): Float64Array => {
  const draw = random(seed, "symmetric");
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) a[i * n + j] = a[j * n + i] = draw.normal();
  return a;
};

export const vectorsOf = (n: number, count: number, seed: number): Float64Array[] => {
  const draw = random(seed, "vectors");
  return Array.from({ length: count }, () => draw.normals(n));
};

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** max |a_i − b_i|. */
export const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
};

/** Of the vectors u_s in [count, n]: max ‖A·u_s − λ_s·u_s‖, and max |UᵀU − I|. */
export const defects = (a: Float64Array, n: number, values: ArrayLike<number>, u: Float64Array): { residual: number; orthogonality: number } => {
  let residual = 0;
  let orthogonality = 0;
  for (let s = 0; s * n < u.length; s++) {
    const us = u.subarray(s * n, (s + 1) * n);
    const difference = Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), us) - values[s]! * us[i]!);
    residual = Math.max(residual, Math.hypot(...difference));
    for (let t = 0; t <= s; t++) orthogonality = Math.max(orthogonality, Math.abs(dot(us, u.subarray(t * n, (t + 1) * n)) - (s === t ? 1 : 0)));
  }
  return { residual, orthogonality };
};
