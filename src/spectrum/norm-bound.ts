import type { LinearOperator } from "../linalg/operator.ts";
import type { Random } from "../core/random.ts";

/** What random starts say about the norm ‖B‖ of a matrix that is known by its products. */
export interface NormBound {
  /** ‖B‖ is at least this (up to the error of the products). */
  readonly estimate: number;
  /** ‖B‖ is at most this, except with probability `failure`. */
  readonly bound: number;
  readonly failure: number;
}

/** T_degree(1 + x) for x ≥ 0, as its logarithm. */
const logChebyshev = (degree: number, x: number): number => {
  const angle = Math.log1p(x + Math.sqrt(x * (x + 2)));
  return degree * angle + Math.log1p(Math.exp(-2 * degree * angle)) - Math.LN2;
};

/**
 * log of the probability that `starts` independent Gaussian vectors of R^dimension, after `steps` of (block) Lanczos on BᵀB each, all give an
 * estimate below (1 − ε)·‖B‖²: (√(2(n − 1)(1 − ε)/(π·ε))/T_{steps−1}((1 + ε)/(1 − ε)))^starts.
 * @source derived: the Chebyshev polynomial of [0, 1 − ε] in the Rayleigh quotient, and P(|g_1| < c·‖g_rest‖) ≤ c·√(2(n − 1)/π); the same
 * statement with other constants in Kuczyński, Woźniakowski 1992.
 */
const logMiss = (epsilon: number, dimension: number, steps: number, starts: number): number =>
  starts * Math.min(0, 0.5 * Math.log((2 * (dimension - 1) * (1 - epsilon)) / (Math.PI * epsilon)) - logChebyshev(steps - 1, (2 * epsilon) / (1 - epsilon)));

/**
 * The factor c ≥ 1 with ‖B‖ ≤ c·estimate except with probability `failure`, for the largest Ritz value after `steps` of block Lanczos from
 * `starts` Gaussian vectors of R^dimension; Infinity where so few steps say nothing.
 */
export const lanczosFactor = (dimension: number, steps: number, starts: number, failure: number): number => {
  if (dimension <= 1) return 1;
  const goal = Math.log(failure);
  let [low, high] = [0, 1 - 1e-12];
  if (logMiss(high, dimension, steps, starts) > goal) return Infinity;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (logMiss(middle, dimension, steps, starts) <= goal) high = middle;
    else low = middle;
  }
  return 1 / Math.sqrt(1 - high);
};

/** (I − QQᵀ)·block for orthonormal Q [size, held], in place. Cost: 4·size·held·count. */
export const projectOut = (q: Float64Array, held: number, block: Float64Array, count: number, size: number): void => {
  for (let j = 0; j < count; j++) {
    const x = block.subarray(j * size, (j + 1) * size);
    for (let s = 0; s < held; s++) {
      const own = s * size;
      let inner = 0;
      for (let i = 0; i < size; i++) inner += q[own + i]! * x[i]!;
      for (let i = 0; i < size; i++) x[i]! -= inner * q[own + i]!;
    }
  }
};

const longest = (block: Float64Array, count: number): number => {
  const size = block.length / count;
  let largest = 0;
  for (let j = 0; j < count; j++) largest = Math.max(largest, Math.sqrt(block.subarray(j * size, (j + 1) * size).reduce((sum, x) => sum + x * x, 0)));
  return largest;
};

/**
 * A bound of ‖B‖, B = (I − QQᵀ)·J, from t Gaussian probes ω: ‖B‖^{2q+1} = ‖(BBᵀ)^q·B‖ ≤ 10·√(2/π)·max ‖(BBᵀ)^q·B·ω‖ except with
 * probability 10^{−t}. q = 0 is the plain lemma, about 8·‖B‖_F; every power more takes it nearer to ‖B‖. `basis` is Q, [rows, held]
 * column-major, held may be 0. Cost: t·(2q + 1) products.
 * @source Halko, Martinsson, Tropp 2011, Lemma 4.1. @throws what the operator throws.
 */
export const gaussianNormBound = async (operator: LinearOperator, basis: Float64Array, probes: number, powers: number, draw: Random, signal?: AbortSignal): Promise<NormBound> => {
  const { rows, columns } = operator;
  const held = basis.length / rows;
  const starts = draw.normals(columns * probes);
  let block = await operator.apply(starts, probes, signal);
  projectOut(basis, held, block, probes, rows);
  let [estimate, logScale] = [longest(block, probes) / longest(starts, probes), 0];
  for (let power = 0; power < powers; power++) {
    const scale = longest(block, probes);
    if (scale === 0) break;
    logScale += Math.log(scale);
    block = await operator.apply(await operator.applyTransposed(block.map((x) => x / scale), probes, signal), probes, signal);
    projectOut(basis, held, block, probes, rows);
    estimate = Math.max(estimate, Math.sqrt(longest(block, probes)));
  }
  const whole = logScale + Math.log(10 * Math.sqrt(2 / Math.PI) * longest(block, probes));
  return { estimate, bound: Math.exp(whole / (2 * powers + 1)), failure: 10 ** -probes };
};
