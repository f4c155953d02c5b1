import { mean, quantile } from "../core/statistics.ts";
import type { Quadrature } from "./density-probe.ts";
import { smooth } from "./smoothing.ts";

/** Where densities are drawn: what every curve shares. */
export interface Scale {
  /** log10 λ, equally spaced. */
  readonly axis: Float64Array;
  /** Singular values below this count as zero. */
  readonly floor: number;
  /** The least width of smoothing, in decades. */
  readonly width: number;
  /** The number of singular values that a probe stands for. */
  readonly count: number;
}

/** What each probe says of the density: a curve in singular values per decade, and how many values lie below the floor. */
export interface Curves {
  readonly curves: readonly Float64Array[];
  readonly below: readonly number[];
}

export const curvesOf = (quadratures: readonly Quadrature[], { axis, floor, width, count }: Scale): Curves => ({
  curves: quadratures.map(({ nodes, weights, residuals }) => smooth(axis, nodes, weights.map((w) => w * count), residuals, floor, width)),
  below: quadratures.map(({ nodes, weights }) => weights.reduce((sum, weight, i) => sum + (nodes[i]! < floor ? weight * count : 0), 0)),
});

/** The standard error of the mean of some values. */
export const standardError = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / Math.max(1, values.length - 1) / values.length);
};

const meanOf = ({ curves }: Curves): Float64Array => (curves[0] ?? new Float64Array(0)).map((_, i) => mean(curves.map((curve) => curve[i]!)));

/** The share of the values up to each place of the axis, one curve for each probe. */
const sharesOf = ({ curves, below }: Curves, { axis, count }: Scale): Float64Array[] => {
  const spacing = axis[1]! - axis[0]!;
  return curves.map((curve, j) => {
    let sum = below[j]!;
    return curve.map((value) => (sum += value * spacing) / count);
  });
};

/** The largest standard error of the share of values up to a place: what the scatter of the probes leaves open. */
export const scatterOf = (curves: Curves, scale: Scale): number => {
  const shares = sharesOf(curves, scale);
  return scale.axis.reduce((most, _, i) => Math.max(most, standardError(shares.map((share) => share[i]!))), 0);
};

/** The largest difference of the mean share of values up to a place between two sets of curves, of fewer and of more steps. */
export const changeOf = (before: Curves, after: Curves, scale: Scale): number => {
  const [a, b] = [sharesOf(before, scale), sharesOf(after, scale)];
  return scale.axis.reduce((most, _, i) => Math.max(most, Math.abs(mean(a.map((share) => share[i]!)) - mean(b.map((share) => share[i]!)))), 0);
};

/** Student's t for 99 % on one side by degrees of freedom from 1 on; the last one for all beyond. */
const STUDENT = [31.821, 6.965, 4.541, 3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764, 2.718, 2.681, 2.65, 2.624, 2.602];

export interface Band {
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * The mean of the probes' curves and a band about it: their 5 and 95 % quantiles, no nearer to the mean than its 98 % confidence interval (with
 * few probes that is further), and further by what the second half of the steps changed (`half`: the curves after half of them, null where
 * nothing more can change). Not below zero. Owned by the caller. @source Student 1908.
 */
export const bandOf = (own: Curves, half: Curves | null): Band => {
  const { curves } = own;
  const middle = meanOf(own);
  const before = half && meanOf(half);
  const t = STUDENT[Math.min(curves.length - 1, STUDENT.length) - 1] ?? 0;
  const at = (i: number): number[] => curves.map((curve) => curve[i]!);
  const sure = middle.map((_, i) => t * standardError(at(i)));
  const change = middle.map((value, i) => (before ? Math.abs(value - before[i]!) : 0));
  return {
    mean: middle,
    low: middle.map((value, i) => Math.max(0, Math.min(quantile(at(i), 0.05), value - sure[i]!) - change[i]!)),
    high: middle.map((value, i) => Math.max(quantile(at(i), 0.95), value + sure[i]!) + change[i]!),
  };
};
