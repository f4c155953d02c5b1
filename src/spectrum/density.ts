import { mean } from "../core/statistics.ts";
import type { Progress } from "../core/progress.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { bandOf, curvesOf, type Scale, standardError } from "./density-band.ts";
import { effortOf, type EffortOptions } from "./density-effort.ts";
import type { Quadrature } from "./density-probe.ts";
import { type Probed, runProbes } from "./density-run.ts";
import type { Triplets } from "./krylov.ts";
import { smooth } from "./smoothing.ts";

export interface DensityOptions extends EffortOptions {
  /** Triplets that are known: taken out of the probes, and returned as a density of their own. */
  readonly leading?: Pick<Triplets, "values" | "left" | "right">;
  /** Singular values below this count as zero; 1e-7 of the largest when absent. */
  readonly floor?: number;
  /** The least width of smoothing, in decades; 0.05 when absent. */
  readonly width?: number;
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The density of J's min(rows, columns) singular values over log10 λ. All arrays are owned by the caller. */
export interface SpectralDensity {
  /** log10 λ, equally spaced. */
  readonly axis: Float64Array;
  /**
   * Singular values per decade beyond the leading ones: the mean over the probes, and a band about it, wider the fewer the probes and the more
   * the second half of their steps changed; see `bandOf`.
   */
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

const largestOf = (quadratures: readonly Quadrature[], leading: Float64Array): number =>
  quadratures.reduce((largest, { nodes }) => nodes.reduce((a, b) => Math.max(a, b), largest), leading[0] ?? 0);

/** Where the curves of these quadratures are drawn. */
const scaleOf = (quadratures: readonly Quadrature[], values: Float64Array, count: number, options: DensityOptions): Scale => {
  const { width = 0.05 } = options;
  const largest = largestOf(quadratures, values) || 1;
  const floor = Math.max(options.floor ?? 1e-7 * largest, Number.MIN_VALUE);
  return { axis: axisFrom(floor, Math.max(largest, floor), width), floor, width, count };
};

const NOTHING: Probed = { own: [], half: [], steps: 0, products: 0 };

/**
 * The density of singular values by stochastic Lanczos quadrature: for random unit vectors g orthogonal to the leading singular vectors,
 * steps of Golub–Kahan give nodes and weights of the measure gᵀδ(λ − √(JᵀJ))g, whose mean is the density of the rest. Each node is smoothed
 * by the least width, or where it has not converged by its residual, up to its distance from its neighbours. Steps end where the second half
 * of them changed the distribution by less than the probes scatter (or by less than 1 %), probes where they scatter by less than 1 %, and both
 * at `maxProducts`. Deterministic in `seed`.
 * Cost: 2·probes·steps products. @source Golub, Meurant 2010; Lin, Saad, Yang 2016; Ghorbani, Krishnan, Xiao 2019.
 * @throws what the operator throws, LensError CANCELLED, NOT_FINITE, MATRIX_TOO_LARGE.
 */
export const spectralDensity = async (operator: LinearOperator, options: DensityOptions = {}): Promise<SpectralDensity> => {
  const { leading, seed, progress, signal } = options;
  const short = Math.min(operator.rows, operator.columns);
  const values = leading?.values ?? new Float64Array(0);
  const count = short - values.length;
  const scale = (quadratures: readonly Quadrature[]): Scale => scaleOf(quadratures, values, count, options);
  const { own, half, steps, products } = count > 0 ? await runProbes(operator, { effort: effortOf(count, options), scale, leading, seed, progress, signal }) : NOTHING;
  const where = scale(own);
  const { axis, floor, width } = where;
  const curves = curvesOf(own, where);
  const band = own.length > 0 ? bandOf(curves, half.length > 0 ? curvesOf(half, where) : null) : { mean: new Float64Array(axis.length), low: new Float64Array(axis.length), high: new Float64Array(axis.length) };
  const squares = own.map(({ nodes, weights }) => count * dot(weights, (i) => nodes[i]! ** 2));
  return {
    axis,
    ...band,
    leading: smooth(axis, values, values.map(() => 1), new Float64Array(values.length), floor, width),
    count,
    belowFloor: own.length > 0 ? mean(curves.below) : 0,
    floor,
    certainZeros: operator.rows - short,
    squares: squares.length > 0 ? { mean: mean(squares), standardError: standardError(squares) } : { mean: 0, standardError: 0 },
    resolution: (largestOf(own, new Float64Array(0)) * Math.PI) / (2 * Math.max(1, steps)),
    probes: own.length,
    steps,
    products,
  };
};
