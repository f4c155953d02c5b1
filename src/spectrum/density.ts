import { mean, quantile } from "../core/statistics.ts";
import { silent, type Progress } from "../core/progress.ts";
import { random } from "../core/random.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { probeQuadratures, type Quadrature } from "./density-probe.ts";
import { Basis } from "./krylov-basis.ts";
import type { Triplets } from "./krylov.ts";
import { thin } from "./orientation.ts";
import { smooth } from "./smoothing.ts";

export interface DensityOptions {
  /** Random vectors; 16 when absent. */
  readonly probes?: number;
  /** Steps of the iteration for each; 60 when absent. */
  readonly steps?: number;
  /** Triplets that are known: taken out of the probes, and returned as a density of their own. */
  readonly leading?: Pick<Triplets, "values" | "left" | "right">;
  /** Singular values below this count as zero; 1e-7 of the largest when absent. */
  readonly floor?: number;
  /** The least width of smoothing, in decades; 0.05 when absent. */
  readonly width?: number;
  /** Probes run at once; 8 when absent. Memory: 8·min(rows, columns)·steps bytes for each. */
  readonly block?: number;
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The density of J's min(rows, columns) singular values over log10 λ. All arrays are owned by the caller. */
export interface SpectralDensity {
  /** log10 λ, equally spaced. */
  readonly axis: Float64Array;
  /** Singular values per decade beyond the leading ones: the mean over the probes, and their 5 and 95 % quantiles. */
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The leading singular values, smoothed by the least width: bulk and leading add up to the whole. */
  readonly leading: Float64Array;
  /** How many singular values the bulk has: min(rows, columns) less the leading ones. It is ∫ mean + belowFloor. */
  readonly count: number;
  /** How many of these lie below the floor (mean over the probes); not in `mean`. */
  readonly belowFloor: number;
  readonly floor: number;
  /** Eigenvalues of JJᵀ that are zero because J has fewer columns than rows; in none of the others. */
  readonly certainZeros: number;
  /** Σλ² of the bulk: mean over the probes and the standard error of that mean. It should equal ‖J‖_F² less the leading Σλ². */
  readonly squares: { readonly mean: number; readonly standardError: number };
  /** Below about this, structure finer than a factor of two is beyond the number of steps; where the smallest values are isolated it is seen all the same. */
  readonly resolution: number;
  readonly probes: number;
  readonly steps: number;
  /** Vectors that J or Jᵀ was applied to. */
  readonly products: number;
}

const axisFrom = (lowest: number, highest: number, width: number): Float64Array => {
  const [from, to, spacing] = [Math.log10(lowest) - 4 * width, Math.log10(highest) + 4 * width, width / 3];
  return Float64Array.from({ length: Math.max(2, Math.ceil((to - from) / spacing) + 1) }, (_, i) => from + i * spacing);
};

const dot = (a: Float64Array, f: (i: number) => number): number => a.reduce((sum, x, i) => sum + x * f(i), 0);

const standardError = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / Math.max(1, values.length - 1) / values.length);
};

const largestOf = (quadratures: readonly Quadrature[], leading: Float64Array): number =>
  quadratures.reduce((largest, { nodes }) => nodes.reduce((a, b) => Math.max(a, b), largest), leading[0] ?? 0);

/** Runs all probes, `block` at a time. */
const runProbes = async (operator: LinearOperator, options: DensityOptions, probes: number, steps: number): Promise<Quadrature[]> => {
  const { leading, block = 8, seed = 0, progress = silent, signal } = options;
  const a = thin(operator);
  const draw = random(seed, "density");
  const held = leading?.values.length ?? 0;
  const deflation = new Basis(a.columns, held, Math.max(held, block), draw);
  if (leading) deflation.append(a.turned ? leading.left : leading.right, held);
  const quadratures: Quadrature[] = [];
  while (quadratures.length < probes) {
    quadratures.push(...(await probeQuadratures(a, deflation, Math.min(block, probes - quadratures.length), steps, draw, signal)));
    progress(quadratures.length / probes, `spectral density: probe ${quadratures.length}/${probes}`);
  }
  return quadratures;
};

/**
 * The density of singular values by stochastic Lanczos quadrature: for random unit vectors g orthogonal to the leading singular vectors,
 * `steps` of Golub–Kahan give nodes and weights of the measure gᵀδ(λ − √(JᵀJ))g, whose mean is the density of the rest. Each node is smoothed
 * by the least width, or where it has not converged by its residual, up to its distance from its neighbours. Deterministic in `seed`.
 * Cost: 2·probes·steps products. @source Golub, Meurant 2010; Lin, Saad, Yang 2016; Ghorbani, Krishnan, Xiao 2019.
 * @throws what the operator throws, LensError CANCELLED, NOT_FINITE, MATRIX_TOO_LARGE.
 */
export const spectralDensity = async (operator: LinearOperator, options: DensityOptions = {}): Promise<SpectralDensity> => {
  const { probes = 16, width = 0.05, leading } = options;
  const short = Math.min(operator.rows, operator.columns);
  const values = leading?.values ?? new Float64Array(0);
  const count = short - values.length;
  const steps = Math.min(options.steps ?? 60, count);
  const quadratures = count > 0 ? await runProbes(operator, options, probes, steps) : [];
  const largest = largestOf(quadratures, values) || 1;
  const floor = Math.max(options.floor ?? 1e-7 * largest, Number.MIN_VALUE);
  const axis = axisFrom(floor, Math.max(largest, floor), width);
  const curves = quadratures.map((q) => smooth(axis, q.nodes, q.weights.map((w) => w * count), q.residuals, floor, width));
  const over = (pick: (at: readonly number[]) => number): Float64Array => axis.map((_, i) => (curves.length > 0 ? pick(curves.map((curve) => curve[i]!)) : 0));
  const squares = quadratures.map(({ nodes, weights }) => count * dot(weights, (i) => nodes[i]! ** 2));
  const below = quadratures.map(({ nodes, weights }) => count * dot(weights, (i) => (nodes[i]! < floor ? 1 : 0)));
  return {
    axis,
    mean: over(mean),
    low: over((at) => quantile(at, 0.05)),
    high: over((at) => quantile(at, 0.95)),
    leading: smooth(axis, values, values.map(() => 1), new Float64Array(values.length), floor, width),
    count,
    belowFloor: below.length > 0 ? mean(below) : 0,
    floor,
    certainZeros: operator.rows - short,
    squares: squares.length > 0 ? { mean: mean(squares), standardError: standardError(squares) } : { mean: 0, standardError: 0 },
    resolution: (largestOf(quadratures, new Float64Array(0)) * Math.PI) / (2 * Math.max(1, steps)),
    probes: quadratures.length,
    steps,
    products: 2 * steps * quadratures.length,
  };
};
