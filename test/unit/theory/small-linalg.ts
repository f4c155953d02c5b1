/** A symmetric eigendecomposition that shares nothing with src/linalg: cyclic Jacobi rotations, for small matrices. */
export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** [n, n] column-major: vector s at [s·n, (s+1)·n). */
  readonly vectors: Float64Array;
}

/** Rotates rows/columns p < q of the row-major a [n, n] so that a_pq = 0; v's rows p and q follow. @source Golub & Van Loan, Alg. 8.5.1. */
const rotate = (a: Float64Array, v: Float64Array, n: number, p: number, q: number): void => {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i * n + p]!, a[i * n + q]!];
    [a[i * n + p], a[i * n + q]] = [c * x - s * y, s * x + c * y];
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[p * n + i]!, a[q * n + i]!];
    [a[p * n + i], a[q * n + i]] = [c * x - s * y, s * x + c * y];
    const [x2, y2] = [v[p * n + i]!, v[q * n + i]!];
    [v[p * n + i], v[q * n + i]] = [c * x2 - s * y2, s * x2 + c * y2];
  }
};

export const jacobiEigen = (matrix: Float64Array, n: number): Eigen => {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 15; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(v.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
};

/** JJᵀ of a row-major J [m, p]. */
export const gramOf = (j: Float64Array, m: number, p: number): Float64Array => {
  const gram = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      for (let i = 0; i < p; i++) gram[a * m + b]! += j[a * p + i]! * j[b * p + i]!;
    }
  }
  return gram;
};

/** Uᵀz for column-major vectors [n, count]. */
export const onto = (vectors: Float64Array, z: Float64Array): Float64Array => {
  const n = z.length;
  return Float64Array.from({ length: vectors.length / n }, (_, s) => z.reduce((sum, value, i) => sum + value * vectors[s * n + i]!, 0));
};

/** Singular values and left singular vectors from the Gram matrix; values that rounding made negative count as 0. */
export const leftSingular = (gram: Float64Array, m: number): Eigen => {
  const { values, vectors } = jacobiEigen(gram, m);
  return { values: values.map((value) => Math.sqrt(Math.max(0, value))), vectors };
};
