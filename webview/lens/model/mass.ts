import type { ResultView } from "../../../src/protocol/lens.ts";
import { counted, formatCount, formatNumber, formatPercent } from "../../shared/format.ts";
import { errorAt } from "./errors.ts";
import { noiseCounts } from "./spectrum.ts";

type Spectrum = Pick<ResultView, "singularValues" | "errors" | "floor" | "density" | "facts">;

/** One line beside the drawing of the density; `name` may hold "_x" for a subscript. */
export interface MassRow {
  readonly id: "norm" | "information" | "leading" | "tail" | "rest" | "others" | "zeros" | "floor";
  readonly name: string;
  readonly value: string;
  /** A second line: an interval, or the same in another unit. */
  readonly detail: string;
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

const between = (text: string, from: string, to: string): string => (from === text && to === text ? "" : `${from} to ${to}`);

/** "90.7 %", and "89.9 to 91.4 %" where the interval is wider than what is printed. */
export const shareTexts = ({ value, low, high }: Interval): Pick<MassRow, "value" | "detail"> => {
  const [text, from, to] = [formatPercent(value), formatPercent(low), formatPercent(high ?? 1)];
  return { value: text, detail: from === text && to === text ? "" : `${from.replace(/ %$/u, "")} to ${to}` };
};

const normTexts = ({ value, low, high }: Interval): Pick<MassRow, "value" | "detail"> => {
  const [text, from] = [formatNumber(value), formatNumber(low)];
  return { value: text, detail: high === null ? `at least ${from}` : between(text, from, formatNumber(high)) };
};

/** What lies beyond the leading values, or beyond the cut-off where all values are known. */
const tailRow = (view: Spectrum, whole: Interval, rank: number): MassRow => {
  if (view.density) {
    const { mass, low, high } = view.density.tailMass;
    const tail = { value: mass, low, high };
    return { id: "tail", name: "in the others, the tail", ...shareTexts(shareOf(tail, whole)), title: `‖J‖² less the leading λ²: ${formatNumber(mass)}, from ${formatNumber(low)} to ${formatNumber(high)}` };
  }
  const held = heldBy(view, rank);
  const mass = (end: number): number => Math.max(0, whole.value - end);
  const tail = { value: mass(held.value), low: mass(held.high ?? held.value), high: mass(held.low) };
  const nothing = rank >= view.singularValues.length && view.facts.complete;
  return { id: "tail", name: "in the nuisance space", ...(nothing ? { value: "nothing", detail: "" } : shareTexts(shareOf(tail, whole))), title: "Σλ² of all values beyond the cut-off, over ‖J‖²" };
};

/** What is known of the values that were not computed one by one. */
const unknownRows = ({ density }: Spectrum): MassRow[] => {
  if (!density) return [];
  const { count, belowFloor, certainZeros, rest, floor, probes, steps } = density;
  const from = probes && steps ? `from ${counted(probes, "random probe")} of ${counted(steps, "step")}` : "";
  const noise = belowFloor >= 0.5 ? `about ${formatCount(Math.round(belowFloor))} below the rounding floor ${formatNumber(floor, 3)}` : "";
  const bound = rest.bound === null ? [] : [{
    id: "rest" as const, name: "none of them is above", value: formatNumber(rest.bound), detail: "",
    title: `the largest found is ${formatNumber(rest.estimate)}; the bound fails with probability ${formatNumber(rest.failure, 1)} at most`,
  }];
  const zeros = certainZeros > 0 ? [{ id: "zeros" as const, name: "zero beside them", value: formatCount(certainZeros), detail: "", title: "eigenvalues of JJᵀ that are zero because J has fewer columns than rows" }] : [];
  return [{ id: "others", name: "others, known by their density", value: counted(count, "value"), detail: [from, noise].filter((text) => text !== "").join(", "), title: "singular values that were not computed one by one: estimated from random probes" }, ...bound, ...zeros];
};

/** What the first values and the rest hold of ‖J‖_F², each with its error, at a cut-off. Cost: O(number of singular values). */
export const massRows = (view: Spectrum, rank: number): MassRow[] => {
  const { density, singularValues } = view;
  const whole = squaredNorm(view);
  const count = singularValues.length;
  const sure = density && density.squaredNorm.failure > 0 ? `it lies in the interval except with probability ${formatNumber(density.squaredNorm.failure, 1)}` : "the trace of JJᵀ";
  const { below, zero } = noiseCounts(singularValues, view.floor);
  const floor = below === 0 ? [] : [{ id: "floor" as const, name: "below the rounding floor", value: counted(below, "value"), detail: zero > 0 ? `${formatCount(zero)} of them zero` : "", title: "noise, left out of the curve" }];
  const leading = { id: "leading" as const, name: `in the ${formatCount(count)} leading values`, ...shareTexts(shareOf(heldBy(view, count), whole)), title: "Σλ² of the values that were computed one by one, over ‖J‖²" };
  return [
    { id: "norm", name: "‖J‖_F²", ...normTexts(whole), title: sure },
    { id: "information", name: `in the information space, r = ${formatCount(rank)}`, ...shareTexts(shareOf(heldBy(view, rank), whole)), title: "Σλ² of the first r over ‖J‖²" },
    ...(density ? [leading] : []),
    tailRow(view, whole, rank),
    ...unknownRows(view),
    ...floor,
  ];
};

/** The finding of the drawing in words. */
export const describeDensity = (view: Spectrum, rank: number): string => {
  const text = massRows(view, rank).map(({ name, value, detail }) => `${name.replaceAll("_", " ")}: ${value}${detail === "" ? "" : ` (${detail})`}`).join("; ");
  const what = view.density
    ? `Density of the singular values: ${counted(view.singularValues.length, "leading value")} as points, the others as values per decade with a band by what the random probes leave open.`
    : `Density of all ${counted(view.singularValues.length, "singular value")}, per decade.`;
  return `${what} ${text}.`;
};
