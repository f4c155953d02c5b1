import { largestGapRank } from "../../../src/core/split.ts";
import { decimate } from "../../../src/core/statistics.ts";
import type { ResultView } from "../../../src/protocol/lens.ts";
import { counted, formatCount, formatNumber, formatPercent } from "../../shared/format.ts";
import type { Whisker } from "../../shared/error-marks.ts";
import type { Cutoff } from "./cutoff.ts";
import { errorAt } from "./errors.ts";

/** Decades of empty axis that may be spent to bring the rounding floor into the picture. */
const FLOOR_REACH = 4;
/** Decades shown below the floor, where values are noise. */
const BELOW_FLOOR = 2;
/** Stripes across the axis that keep their extremes when there are more values than pixels. */
export const BUCKETS = 600;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A logarithmic axis' ends. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The axis of ranks 1 … count, with a little room on both sides. */
export const rankRange = (count: number): Range => ({ low: 0.9, high: Math.max(2, count + 1, count * 1.12) });

const smallestPositive = (values: ArrayLike<number>): number => {
  for (let i = values.length - 1; i >= 0; i--) if ((values[i] ?? 0) > 0) return values[i] ?? 0;
  return 0;
};

/** The axis of singular values: all positive ones, the rounding floor when it is near enough, and not much of what lies below it. */
export const valueRange = (values: ArrayLike<number>, floor: number): Range => {
  const largest = values[0] ?? 0;
  const smallest = smallestPositive(values);
  if (!(largest > 0)) return { low: 0.1, high: 10 };
  const seen = floor > 0 ? Math.max(smallest, floor / 10 ** BELOW_FLOOR) : smallest;
  const low = floor > 0 && floor >= seen / 10 ** FLOOR_REACH ? Math.min(seen, floor / 2) : seen;
  const room = Math.max(1.15, (largest / low) ** 0.04);
  return { low: low / room, high: largest * room };
};

/** The points drawn of a spectrum: rank against value, positive values only, thinned to what an axis can show. Cost: O(n). */
export const drawnSpectrum = (values: ArrayLike<number>): Point[] => {
  const positive = Array.from(values).filter((value) => value > 0);
  const places = positive.map((_, i) => Math.log(i + 1));
  return decimate(places, positive, BUCKETS).map((i) => ({ x: i + 1, y: positive[i] ?? 0 }));
};

/** Σ_{s≤r} λ_s² for every r: what share of ‖J‖_F² a rank holds. Owned by the caller. */
export const cumulativeSquares = (values: ArrayLike<number>): Float64Array => {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sums[i] = sum += (values[i] ?? 0) ** 2;
  return sums;
};

/** How many values are rounding noise, and how many of those are zero and so on no logarithmic axis. */
export const noiseCounts = (values: ArrayLike<number>, floor: number): { readonly below: number; readonly zero: number } => {
  const all = Array.from(values);
  return { below: all.filter((value) => value < floor).length, zero: all.filter((value) => !(value > 0)).length };
};

/** The error bars of the drawn points; none where nothing is certified. */
export const whiskers = (points: readonly Point[], errors: ResultView["errors"]): Whisker[] =>
  points.flatMap(({ x, y }) => {
    const error = errorAt(errors, x - 1);
    return error === null ? [] : [{ x, y, low: y - error, high: y + error }];
  });

/** The widest error bar of a spectrum in words. */
const errorNote = (errors: ResultView["errors"], count: number): string => {
  const largest = Array.from({ length: count }, (_, i) => errorAt(errors, i) ?? 0).reduce((a, b) => Math.max(a, b), 0);
  return errors === null ? "Without error bars." : largest > 0 ? `Error bars of at most ± ${formatNumber(largest, 2)}.` : "";
};

/** What stands under the drawing: what was not computed, the error bars, the floor when it is out of the picture, and values that cannot be drawn. */
export const spectrumNote = ({ singularValues: values, floor, errors, density }: Pick<ResultView, "singularValues" | "floor" | "errors" | "density">): string => {
  const { below, zero } = noiseCounts(values, floor);
  const outside = floor > 0 && floor < valueRange(values, floor).low;
  return [
    density && density.count > 0 ? `The first ${formatCount(values.length)}; the other ${formatCount(density.count)} are known by their density.` : "",
    errorNote(errors, values.length),
    outside ? `The rounding floor ${formatNumber(floor, 3)} lies below the axis.` : "",
    below > 0 ? `${counted(below, "value")} of ${formatCount(values.length)} below the rounding floor.` : "",
    zero > 0 ? `${counted(zero, "value")} ${zero === 1 ? "is" : "are"} zero and not drawn.` : "",
  ].filter((text) => text !== "").join(" ");
};

/** The finding of the drawing in words. */
export const describeSpectrum = (values: ArrayLike<number>, floor: number, cutoff: Cutoff, heldShare: number): string => {
  const count = values.length;
  const largest = formatNumber(values[0] ?? 0);
  if (count === 1) return `One singular value, ${largest}.`;
  const { below } = noiseCounts(values, floor);
  return [
    `Singular values of the Jacobian on logarithmic axes: ${formatCount(count)} values from ${largest} down to ${formatNumber(values[count - 1] ?? 0)}.`,
    `The cut-off after the first ${formatCount(cutoff.rank)} (α = ${formatNumber(cutoff.alpha)}) keeps ${formatPercent(heldShare)} of the squared Frobenius norm.`,
    `The largest gap follows value ${formatCount(largestGapRank(values, floor))}.`,
    below > 0 ? `${counted(below, "value")} below the rounding floor of ${formatNumber(floor, 3)}.` : "All lie above the rounding floor.",
  ].join(" ");
};
