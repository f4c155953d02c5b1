import { random } from "../../../src/core/random.ts";
import type { LinearOperator } from "../../../src/linalg/operator.ts";

/** x ← H·x for the reflections I − 2wwᵀ/wᵀw given, in order. */
const reflect = (x: Float64Array, vectors: readonly Float64Array[]): void => {
  for (const w of vectors) {
    let [inner, square] = [0, 0];
    for (let i = 0; i < w.length; i++) {
      inner += w[i]! * x[i]!;
      square += w[i]! * w[i]!;
    }
    const factor = (2 * inner) / square;
    for (let i = 0; i < w.length; i++) x[i]! -= factor * w[i]!;
  }
};

export interface KnownOperator extends LinearOperator {
  /** The left singular vector u_s. */
  left(s: number): Float64Array;
  right(s: number): Float64Array;
  /** Vectors it was applied to, either way. */
  products(): number;
}

/** J = Σ λ_s·u_s·v_sᵀ with random orthonormal u, v; `round` passes what goes in, what is within and what comes out through float32. */
export const knownOperator = (rows: number, columns: number, values: ArrayLike<number>, seed: number, round = false): KnownOperator => {
  const draw = random(seed, "known operator");
  const [left, right] = [rows, columns].map((n) => Array.from({ length: 3 }, () => draw.normals(n))) as [Float64Array[], Float64Array[]];
  const [leftBack, rightBack] = [left.toReversed(), right.toReversed()];
  let products = 0;
  const rounded = (x: Float64Array): Float64Array => (round ? Float64Array.from(x, Math.fround) : x);
  const map = (block: Float64Array, count: number, from: number, to: number, before: readonly Float64Array[], after: readonly Float64Array[]): Float64Array => {
    products += count;
    const out = new Float64Array(to * count);
    for (let j = 0; j < count; j++) {
      const x = rounded(block.slice(j * from, (j + 1) * from));
      reflect(x, before);
      const middle = rounded(x);
      const y = out.subarray(j * to, (j + 1) * to);
      for (let s = 0; s < Math.min(values.length, from, to); s++) y[s] = values[s]! * middle[s]!;
      reflect(y, after);
    }
    return rounded(out);
  };
  const unit = (n: number, s: number, vectors: readonly Float64Array[]): Float64Array => {
    const x = new Float64Array(n);
    x[s] = 1;
    reflect(x, vectors);
    return x;
  };
  return {
    rows, columns,
    apply: (block, count) => Promise.resolve(map(block, count, columns, rows, rightBack, left)),
    applyTransposed: (block, count) => Promise.resolve(map(block, count, rows, columns, leftBack, right)),
    left: (s) => unit(rows, s, left),
    right: (s) => unit(columns, s, right),
    products: () => products,
  };
};

/** The dense row-major matrix [rows, columns] of an operator. */
export const denseMatrix = (operator: LinearOperator): Promise<Float64Array> =>
  // Jᵀ·I, column-major [columns, rows], is J row-major.
  operator.applyTransposed(Float64Array.from({ length: operator.rows * operator.rows }, (_, i) => (i % (operator.rows + 1) === 0 ? 1 : 0)), operator.rows);

/** A dense row-major matrix [rows, columns] as an operator. */
export const denseOperator = (matrix: Float64Array, rows: number, columns: number): LinearOperator => ({
  rows, columns,
  apply: (block, count) => {
    const out = new Float64Array(rows * count);
    for (let j = 0; j < count; j++) for (let i = 0; i < rows; i++) for (let c = 0; c < columns; c++) out[j * rows + i]! += matrix[i * columns + c]! * block[j * columns + c]!;
    return Promise.resolve(out);
  },
  applyTransposed: (block, count) => {
    const out = new Float64Array(columns * count);
    for (let j = 0; j < count; j++) for (let i = 0; i < rows; i++) for (let c = 0; c < columns; c++) out[j * columns + c]! += matrix[i * columns + c]! * block[j * rows + i]!;
    return Promise.resolve(out);
  },
});

const repeated = (value: number, times: number): number[] => new Array<number>(times).fill(value);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => b - a);

/** Shapes of spectra that a Jacobian can have: n values each, descending. */
export const SPECTRA: Readonly<Record<string, (n: number, seed: number) => number[]>> = {
  "power law": (n) => Array.from({ length: n }, (_, s) => (1 + s) ** -1),
  "exponential": (n) => Array.from({ length: n }, (_, s) => 0.7 ** s),
  "flat edge": (n, seed) => [...[9, 7, 5, 4], ...sorted(Array.from(random(seed, "edge").normals(n - 4), (x) => 1 + 0.02 * Math.abs(x)))],
  "clusters": (n) => [...repeated(5, 13), ...repeated(2, 4), ...Array.from({ length: n - 17 }, (_, s) => 1 / (1 + s))],
  "rank-deficient": (n) => [...[6, 3, 2, 1, 0.5, 0.1, 1e-3], ...repeated(0, n - 7)],
};
