import { symmetricSpectrum } from "../linalg/eigen.ts";
import { gramMatrix, matrixProduct } from "../linalg/matrix-product.ts";
import { LensError } from "../core/errors.ts";
import { random } from "../core/random.ts";

/** B = X·diag(values)·Yᵀ for B [n, n]: values descending, X and Y orthogonal, all column-major. */
export interface SmallSvd {
  readonly values: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Up to this size, rotations from the identity are quicker than first making the columns nearly orthogonal. */
const DIRECT = 24;
const MAX_SWEEPS = 40;
const EPSILON = 2 ** -52;

const dot = (a: Float64Array, i: number, b: Float64Array, j: number, n: number): number => {
  let sum = 0;
  for (let r = 0; r < n; r++) sum += a[i * n + r]! * b[j * n + r]!;
  return sum;
};

const rotate = (a: Float64Array, i: number, j: number, n: number, c: number, s: number): void => {
  for (let r = 0; r < n; r++) {
    const [x, y] = [a[i * n + r]!, a[j * n + r]!];
    a[i * n + r] = c * x - s * y;
    a[j * n + r] = s * x + c * y;
  }
};

/** One sweep of one-sided Jacobi rotations over the columns of C, carried into Y. Returns whether any was needed. */
const sweep = (c: Float64Array, y: Float64Array, n: number): boolean => {
  const squares = Float64Array.from({ length: n }, (_, j) => dot(c, j, c, j, n));
  const noise = (EPSILON * EPSILON * n) * squares.reduce((sum, x) => sum + x, 0);
  let rotated = false;
  for (let i = 0; i < n - 1; i++) {
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [squares[i]!, squares[j]!];
      if (a <= noise && b <= noise) continue;
      const inner = dot(c, i, c, j, n);
      if (Math.abs(inner) <= 4 * EPSILON * Math.sqrt(n) * Math.sqrt(Math.max(a, noise) * Math.max(b, noise))) continue;
      rotated = true;
      const zeta = (b - a) / (2 * inner);
      const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cosine = 1 / Math.hypot(1, t);
      rotate(c, i, j, n, cosine, cosine * t);
      rotate(y, i, j, n, cosine, cosine * t);
      [squares[i], squares[j]] = [dot(c, i, c, i, n), dot(c, j, c, j, n)];
    }
  }
  return rotated;
};

const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

/** Unit columns of C, with those that are rounding noise replaced so that all are orthonormal. */
const unitColumns = (c: Float64Array, values: Float64Array, n: number): Float64Array => {
  const x = new Float64Array(n * n);
  const draw = random(1, "completed left vectors");
  for (let s = 0; s < n; s++) {
    const own = x.subarray(s * n, (s + 1) * n);
    const value = values[s]!;
    const sound = value > EPSILON * n * values[0]!;
    if (sound) {
      own.set(c.subarray(s * n, (s + 1) * n).map((entry) => entry / value));
      continue;
    }
    own.set(draw.normals(n));
    for (let pass = 0; pass < 3; pass++) {
      for (let i = 0; i < s; i++) {
        const inner = dot(x, i, x, s, n);
        for (let r = 0; r < n; r++) own[r]! -= inner * x[i * n + r]!;
      }
      const length = Math.sqrt(dot(x, s, x, s, n));
      for (let r = 0; r < n; r++) own[r]! /= length;
    }
  }
  return x;
};

/**
 * The singular value decomposition of a small matrix B [n, n] (column-major, kept), every value to a few ε·‖B‖: BᵀB's eigenvectors first,
 * which leaves few rotations, then one-sided Jacobi on B·Y. Cost: about 15·n³ FLOPs.
 * @source Drmač, Veselić 2008, New fast and accurate Jacobi SVD algorithm. @throws LensError NOT_FINITE, NO_CONVERGENCE.
 */
export const smallSvd = async (b: Float64Array, n: number): Promise<SmallSvd> => {
  if (!b.every(Number.isFinite)) throw new LensError("NOT_FINITE", "A product with the Jacobian holds a NaN or an infinity.", "Look for NaN in the weights and the data, and for values too large for the precision (--precision double).");
  const y = n <= DIRECT ? identity(n) : (await symmetricSpectrum(gramMatrix(b, n, n, "rows"), n, [], { leading: n })).vectors;
  // Column-major B is row-major Bᵀ, so that this is (B·Y)ᵀ row-major.
  const c = n <= DIRECT ? b.slice() : matrixProduct(y, b, n, n, n);
  for (let round = 0; round < MAX_SWEEPS && sweep(c, y, n); round++);
  const lengths = Float64Array.from({ length: n }, (_, j) => Math.sqrt(dot(c, j, c, j, n)));
  const order = Array.from(lengths, (_, j) => j).sort((i, j) => lengths[j]! - lengths[i]!);
  const inOrder = (a: Float64Array): Float64Array => {
    const out = new Float64Array(n * n);
    order.forEach((from, to) => out.set(a.subarray(from * n, (from + 1) * n), to * n));
    return out;
  };
  const values = Float64Array.from(order, (j) => lengths[j]!);
  return { values, left: unitColumns(inOrder(c), values, n), right: inOrder(y) };
};
