import { random } from "../core/random.ts";
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

/** The q-quantile of ascending values, interpolated linearly (type 7 of Hyndman & Fan 1996, numpy's default). */
const quantile = (ascending: Float64Array, q: number): number => {
  const position = q * (ascending.length - 1);
  const low = Math.floor(position);
  const below = ascending[low]!;
  const above = ascending[Math.min(low + 1, ascending.length - 1)]!;
  return below + (above - below) * (position - low);
};

/**
 * Mean and band of the cumulative power of permuted labels, rank by rank; null when there are none. `count`: number of singular values.
 * Cost: O(count · m log m) for m permutations.
 */
export const randomLabelBand = (permuted: readonly Projected[], count: number): RandomLabels | null => {
  if (permuted.length === 0) return null;
  const curves = permuted.map((z) => cumulativeShares(z, count));
  const atRank = Array.from({ length: count }, (_, r) => Float64Array.from(curves, (curve) => curve[r]!).sort());
  return {
    permutations: permuted.length,
    mean: atRank.map((shares) => shares.reduce((sum, share) => sum + share, 0) / shares.length),
    low: atRank.map((shares) => quantile(shares, 0.05)),
    high: atRank.map((shares) => quantile(shares, 0.95)),
  };
};
