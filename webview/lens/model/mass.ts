import type { ResultView } from "../../../src/protocol/lens.ts";
import { counted, formatCount, formatNumber, formatPercent } from "../../shared/format.ts";
import { errorAt } from "./density.ts";
import { noiseCounts } from "./spectrum.ts";

type Spectrum = Pick<ResultView, "singularValues" | "errors" | "floor" | "density" | "facts">;

/** One line beside the drawing of the density; `name` may hold "_x" for a subscript. */
export interface MassRow {
  readonly id: "norm" | "information" | "leading" | "tail" | "rest" | "others" | "zeros" | "floor";
  readonly name: string;
  readonly value: string;
  readonly title: string;
}

/** A number that lies in [low, high]; `high` null: without an upper end. */
interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number | null;
}

/** ‖J‖_F² with its interval: exact where all values are known, their error bars aside. */
const squaredNorm = ({ density, facts }: Spectrum): Interval => density?.squaredNorm ?? { value: facts.frobenius ** 2, low: facts.frobenius ** 2, high: facts.frobenius ** 2 };

/** Σ λ_s² of the first r, and how far off their error bars let it be: |λ̂² − λ²| ≤ e·(2λ̂ + e). */
export const heldBy = ({ singularValues, errors }: Pick<Spectrum, "singularValues" | "errors">, rank: number): Interval => {
  let [sum, error] = [0, 0];
  for (let s = 0; s < rank; s++) {
    const value = singularValues[s] ?? 0;
    const own = errorAt(errors, s) ?? 0;
    sum += value * value;
    error += own * (2 * value + own);
  }
  return { value: sum, low: Math.max(0, sum - error), high: sum + error };
};

/** part/whole in [0, 1], with the interval that follows from both. */
export const shareOf = (part: Interval, whole: Interval): Interval => ({
  value: whole.value > 0 ? Math.min(1, part.value / whole.value) : 0,
  low: whole.high !== null && whole.high > 0 ? Math.min(1, part.low / whole.high) : 0,
  high: part.high === null || !(whole.low > 0) ? 1 : Math.min(1, part.high / whole.low),
});

/** "90.7 % (89.9 to 91.4 %)"; without the interval where it is no wider than what is printed. */
export const shareText = ({ value, low, high }: Interval): string => {
  const [text, from, to] = [formatPercent(value), formatPercent(low), formatPercent(high ?? 1)];
  return from === text && to === text ? text : `${text} (${from.replace(/ %$/u, "")} to ${to})`;
};

const intervalText = ({ value, low, high }: Interval): string => {
  const [text, from] = [formatNumber(value), formatNumber(low)];
  if (high === null) return `${text} (at least ${from})`;
  const to = formatNumber(high);
  return from === text && to === text ? text : `${text} (${from} to ${to})`;
};

const tailRow = (view: Spectrum, whole: Interval, rank: number): MassRow => {
  const { density, facts, singularValues } = view;
  const share = ({ mass, low, high }: { readonly mass: number; readonly low: number; readonly high: number | null }): string =>
    `${intervalText({ value: mass, low, high })} · ${shareText(shareOf({ value: mass, low, high }, whole))}`;
  if (density) return { id: "tail", name: "beyond the leading values", value: share(density.tailMass), title: "‖J‖² less the leading λ²: the mass of the tail, with the interval that follows from both" };
  const held = heldBy(view, rank);
  const mass = (end: number): number => Math.max(0, whole.value - end);
  return {
    id: "tail", name: "in the nuisance space", title: "Σλ² of all values beyond the cut-off",
    value: rank >= singularValues.length && facts.complete ? "nothing" : share({ mass: mass(held.value), low: mass(held.high ?? held.value), high: mass(held.low) }),
  };
};

/** What is known of the values that were not computed one by one. */
const unknownRows = ({ density }: Spectrum): MassRow[] => {
  if (!density) return [];
  const { count, belowFloor, certainZeros, rest, floor } = density;
  const noise = belowFloor >= 0.5 ? `, about ${formatCount(Math.round(belowFloor))} of them below the rounding floor ${formatNumber(floor, 3)}` : "";
  const bound = rest.bound === null ? [] : [{
    id: "rest" as const, name: "none of them is above", value: formatNumber(rest.bound),
    title: `the largest found is ${formatNumber(rest.estimate)}; the bound fails with probability ${formatNumber(rest.failure, 1)} at most`,
  }];
  const zeros = certainZeros > 0 ? [{ id: "zeros" as const, name: "certainly zero", value: counted(certainZeros, "eigenvalue of JJᵀ", "eigenvalues of JJᵀ"), title: "J has fewer columns than rows" }] : [];
  return [{ id: "others", name: "not computed one by one", value: `${counted(count, "value")}${noise}`, title: "their density is estimated from random probes" }, ...bound, ...zeros];
};

/** What the first values and the rest hold of ‖J‖_F², each with its error, at a cut-off. Cost: O(number of singular values). */
export const massRows = (view: Spectrum, rank: number): MassRow[] => {
  const { density, singularValues } = view;
  const whole = squaredNorm(view);
  const count = singularValues.length;
  const sure = density && density.squaredNorm.failure > 0 ? `in the interval except with probability ${formatNumber(density.squaredNorm.failure, 1)}` : "the trace of JJᵀ";
  const { below, zero } = noiseCounts(singularValues, view.floor);
  const floor = below === 0 ? [] : [{ id: "floor" as const, name: "below the rounding floor", value: `${counted(below, "value")}${zero > 0 ? `, ${formatCount(zero)} of them zero` : ""}`, title: "noise, left out of the curve" }];
  const leading = { id: "leading" as const, name: `in the ${formatCount(count)} leading values`, value: shareText(shareOf(heldBy(view, count), whole)), title: "Σλ² of the values that were computed one by one, over ‖J‖²" };
  return [
    { id: "norm", name: "‖J‖_F²", value: intervalText(whole), title: sure },
    { id: "information", name: `in the information space, r = ${formatCount(rank)}`, value: shareText(shareOf(heldBy(view, rank), whole)), title: "Σλ² of the first r over ‖J‖²" },
    ...(density ? [leading] : []),
    tailRow(view, whole, rank),
    ...unknownRows(view),
    ...floor,
  ];
};

/** The finding of the drawing in words. */
export const describeDensity = (view: Spectrum, rank: number): string => {
  const text = massRows(view, rank).map(({ name, value }) => `${name.replaceAll("_", " ")}: ${value}`).join("; ");
  const what = view.density
    ? `Density of the singular values: ${counted(view.singularValues.length, "leading value")} as points, the others as values per decade with a band from 5 to 95 % of the random probes.`
    : `Density of all ${counted(view.singularValues.length, "singular value")}, per decade.`;
  return `${what} ${text}.`;
};
