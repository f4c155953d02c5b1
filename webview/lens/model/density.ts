import type { ResultView } from "../../../src/protocol/lens.ts";
import { errorAt } from "./errors.ts";
import { smoothed } from "./smoothed.ts";
import type { Range } from "./spectrum.ts";

/** Fewer values than this have no density worth drawing. */
const FEWEST = 12;
/** Singular values per decade at the lower edge of the drawing: less than half a value in a decade is nothing. */
const LOWEST = 0.5;
/** Decades of empty axis that may be spent to bring the rounding floor into the picture, and decades shown below it. */
const FLOOR_REACH = 2;
const BELOW_FLOOR = 0.3;

type Spectrum = Pick<ResultView, "singularValues" | "floor" | "density" | "facts">;

/** What the drawing of the density shows: x are singular values, y singular values per decade. */
export interface DensityPicture {
  /** All singular values are known: there is one curve, and no band. */
  readonly exact: boolean;
  /** Where the curves are known, rising. */
  readonly x: readonly number[];
  /** Of all values where they are known, else of those beyond the leading ones. */
  readonly curve: readonly number[];
  /** A band about the curve, by what the probes and their last steps leave open. */
  readonly band: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
  /** Of the leading values, where those are all that is known one by one. */
  readonly leading: readonly number[] | null;
  readonly range: { readonly x: Range; readonly y: Range };
  readonly floor: number;
}

interface Curves {
  readonly axis: Float64Array;
  readonly curve: Float64Array;
  readonly band: { readonly low: Float64Array; readonly high: Float64Array } | null;
  readonly leading: Float64Array | null;
}

const curvesOf = ({ singularValues, floor, density, facts }: Spectrum): Curves | null => {
  if (density) return { axis: density.axis, curve: density.mean, band: { low: density.low, high: density.high }, leading: density.leading };
  if (!facts.complete || singularValues.length < FEWEST) return null;
  const whole = smoothed(singularValues, floor);
  return whole && { ...whole, band: null, leading: null };
};

/** The axis of singular values: everything drawn, and the floor where it is near enough. */
const rangeOf = (lowest: number, highest: number, floor: number): Range => {
  const near = floor > 0 && floor <= lowest * 10 ** BELOW_FLOOR && floor >= lowest / 10 ** FLOOR_REACH;
  const room = Math.max(1.1, (highest / lowest) ** 0.02);
  return { low: near ? floor / 10 ** BELOW_FLOOR : lowest / room, high: highest * room };
};

/** The drawing of a result's density; null where there are too few values for one. Cost: O(n·width of a bump). */
export const densityPicture = (view: Spectrum): DensityPicture | null => {
  const curves = curvesOf(view);
  if (!curves) return null;
  const { axis, curve, band, leading } = curves;
  const height = (i: number): number => Math.max(curve[i] ?? 0, band?.high[i] ?? 0, leading?.[i] ?? 0);
  const shown = Array.from(axis.keys()).filter((i) => height(i) >= LOWEST && 10 ** (axis[i] ?? 0) > 0 && Number.isFinite(10 ** (axis[i] ?? 0)));
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return null;
  // One place more on both sides, so that curves leave the picture through its lower edge.
  const places = Array.from(axis.keys()).slice(Math.max(0, first - 1), last + 2);
  const part = (values: Float64Array): number[] => places.map((i) => values[i] ?? 0);
  const x = places.map((i) => 10 ** (axis[i] ?? 0));
  const highest = places.reduce((most, i) => Math.max(most, height(i)), 0);
  return {
    exact: band === null,
    x,
    curve: part(curve),
    band: band && { low: part(band.low), high: part(band.high) },
    leading: leading && part(leading),
    range: { x: rangeOf(10 ** (axis[first] ?? 0), 10 ** (axis[last] ?? 0), view.floor), y: { low: LOWEST, high: Math.max(10, highest * 1.6) } },
    floor: view.floor,
  };
};

/** The height of a curve at a singular value, between the places it is known at, and within the drawing. */
const heightAt = (x: readonly number[], curve: readonly number[], value: number): number => {
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  const [from, to] = [Math.log(x[low] ?? 1), Math.log(x[high] ?? 1)];
  const share = to > from ? Math.min(1, Math.max(0, (Math.log(value) - from) / (to - from))) : 0;
  return Math.max(LOWEST, (curve[low] ?? 0) * (1 - share) + (curve[high] ?? 0) * share);
};

/** A singular value in the drawing, with its error bar. */
export interface DensityPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** In the information space. */
  readonly filled: boolean;
}

/**
 * The points on the drawing at a cut-off: every value that is known one by one beside a density of the rest, or those of the information
 * space where all are known. Rising in x. Cost: O(number of points).
 */
export const densityPoints = (view: Pick<ResultView, "singularValues" | "errors">, picture: DensityPicture, rank: number): DensityPoint[] => {
  const { singularValues, errors } = view;
  const count = picture.exact ? Math.min(rank, singularValues.length) : singularValues.length;
  const curve = picture.leading ?? picture.curve;
  return Array.from(singularValues.subarray(0, count), (value, i) => {
    const error = errorAt(errors, i) ?? 0;
    return { x: value, y: heightAt(picture.x, curve, value), low: value - error, high: value + error, filled: i < rank };
  }).filter((point) => point.x > 0).reverse();
};
