import { random } from "../core/random.ts";
import { mean, quantile } from "../core/statistics.ts";
import { cumulativeShares } from "./energy.ts";
import type { Projected } from "./spectrum.ts";

/** Cumulative power of labels permuted at random: mean and 5–95 % band, each of the length of the spectrum. */
export interface RandomLabels {
  readonly permutations: number;
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Permutations drawn unless told otherwise: the least that shows a 5–95 % band. */
export const DEFAULT_PERMUTATIONS = 20;

/**
 * y with its samples' blocks of K rows permuted, `count` times: block i of a result is block π(i) of y. Class frequencies and ‖y‖ stay, the
 * tie to the inputs is cut. The draws come from the stream "label permutations" of `seed`. Each result [n·K], owned by the caller.
 */
export const permutedLabels = (y: Float64Array, outputs: number, seed: number, count = DEFAULT_PERMUTATIONS): Float64Array[] => {
  const source = random(seed, "label permutations");
  const samples = y.length / outputs;
  return Array.from({ length: count }, () => {
    const order = source.permutation(samples);
    const permuted = new Float64Array(y.length);
    order.forEach((from, to) => permuted.set(y.subarray(from * outputs, (from + 1) * outputs), to * outputs));
    return permuted;
  });
};

/**
 * Mean and band of the cumulative power of permuted labels, rank by rank; null when there are none. `count`: number of singular values.
 * Cost: O(count · m log m) for m permutations.
 */
export const randomLabelBand = (permuted: readonly Projected[], count: number): RandomLabels | null => {
  if (permuted.length === 0) return null;
  const curves = permuted.map((z) => cumulativeShares(z, count));
  const atRank = Array.from({ length: count }, (_, r) => curves.map((curve) => curve[r]!));
  return {
    permutations: permuted.length,
    mean: atRank.map(mean),
    low: atRank.map((shares) => quantile(shares, 0.05)),
    high: atRank.map((shares) => quantile(shares, 0.95)),
  };
};
