import { LensError } from "../core/errors.ts";
import { gapAt, largestGapRank, rankAt } from "../core/split.ts";
import { runningSums } from "./sum.ts";
import type { Spectrum } from "./spectrum.ts";

/** How the cut-off between information and nuisance space is chosen. THEORY §2. */
export type CutoffRule =
  | { readonly kind: "rank"; readonly value: number }
  | { readonly kind: "alpha"; readonly value: number }
  | { readonly kind: "relative"; readonly value: number }
  | { readonly kind: "energy"; readonly value: number }
  | { readonly kind: "gap" };

/** What is certain about r(α) = #{s : λ_s ≥ α}. */
export interface RankCount {
  /** r(α) is at least this … */
  readonly atLeast: number;
  /** … and at most this; null where singular values that were not computed may reach α. */
  readonly atMost: number | null;
  /** The probability with which this may be false; 0 where nothing was drawn. */
  readonly failure: number;
}

/** A chosen cut-off: I = span{u_1 … u_rank}. */
export interface Cutoff {
  /** The rule in words, with its number ("rank K² = 100", "α = 0.05·λ₁"). */
  readonly rule: string;
  /** α as asked for, or λ_rank where the rule names a rank. */
  readonly alpha: number;
  readonly rank: number;
  /** λ_rank/λ_{rank+1}; near 1 the split is ill-conditioned. Null when λ_{rank+1} was not computed, is not there, or is zero. */
  readonly gap: number | null;
  /** True when the error bounds of the spectrum leave no doubt about which directions lie above the cut-off. THEORY §9. */
  readonly certified: boolean;
  /** What is certain about the rank of a given α or part of λ₁; null for other rules and without error bars by index, absent in results of earlier versions. */
  readonly count?: RankCount | null;
}

const outOfRange = (message: string, hint: string): LensError => new LensError("CUTOFF_RANGE", message, hint);

const digits = (value: number): string => String(Number(value.toPrecision(6)));

/** How many singular values stand above the rounding floor, at least 1. */
const aboveFloor = ({ singularValues, floor }: Spectrum): number => {
  const below = singularValues.findIndex((value) => !(value > floor));
  return Math.max(1, below < 0 ? singularValues.length : below);
};

/** Most directions of the default cut-off where only the leading singular values are computed: they are taken for as many, and a few more. */
export const MOST_BY_DEFAULT = 100;

/**
 * The cut-off where none was asked for: rank K², the number of outliers that the class means give, at most as many as stand above the floor; of
 * leading singular values at most `MOST_BY_DEFAULT`, for the last ones computed are the least certain.
 * @source Oymak et al. 2019, Thm A.1 (rank J ≤ K²C for a mixture with C clusters per class); Papyan 2020.
 */
export const defaultRule = (spectrum: Spectrum, outputs: number): CutoffRule =>
  ({ kind: "rank", value: Math.min(outputs * outputs, spectrum.complete ? Infinity : MOST_BY_DEFAULT, aboveFloor(spectrum)) });

/** The default cut-off in words, with what kept it below K². */
const defaultText = (rank: number, spectrum: Spectrum, outputs: number): string => {
  const [squared, count] = [outputs * outputs, spectrum.singularValues.length];
  if (rank === squared) return `rank K² = ${rank}`;
  if (spectrum.complete) return `rank ${rank}: all singular values above the floor, fewer than K² = ${squared}`;
  return rank < count && rank === aboveFloor(spectrum) ? `rank ${rank}: all of the ${count} computed that are above the floor, fewer than K² = ${squared}` : `rank ${rank} of the ${count} computed, fewer than K² = ${squared}`;
};

/** Whether only the singular values tell how many directions a rule takes. */
export const dependsOnValues = (rule: CutoffRule | undefined): boolean => rule !== undefined && rule.kind !== "rank";

const beyondAlpha = ({ singularValues, complete }: Spectrum, alpha: number, asked: string): string | null => {
  if (complete || !(alpha > 0) || rankAt(singularValues, alpha) < singularValues.length) return null;
  return `All ${singularValues.length} computed singular values reach the cut-off ${asked}; how many more do is not known.`;
};

const beyondEnergy = ({ singularValues, complete, frobenius }: Spectrum, share: number): string | null => {
  const held = singularValues.reduce((sum, value) => sum + value * value, 0) / (frobenius * frobenius);
  return complete || !(share <= 1) || !(held < share) ? null : `The ${singularValues.length} computed singular values hold ${digits(held)} of ‖J‖_F², less than the asked ${share}.`;
};

/**
 * Why the cut-off lies beyond the singular values that were computed, where more of them would tell it; null where it does not. A rank or a
 * largest gap is taken from what there is. Cost: O(number of singular values).
 */
export const beyondComputed = (rule: CutoffRule | undefined, spectrum: Spectrum): string | null => {
  const largest = spectrum.singularValues[0] ?? 0;
  switch (rule?.kind) {
    case "alpha": return beyondAlpha(spectrum, rule.value, alphaText(rule, largest));
    case "relative": return beyondAlpha(spectrum, rule.value * largest, alphaText(rule, largest));
    case "energy": return beyondEnergy(spectrum, rule.value);
    default: return null;
  }
};

/** A cut-off by value in words. */
const alphaText = (rule: { readonly kind: "alpha" | "relative"; readonly value: number }, largest: number): string =>
  rule.kind === "alpha" ? `α = ${rule.value}` : `${rule.value}·λ₁ = ${digits(rule.value * largest)}`;

const byAlpha = (spectrum: Spectrum, alpha: number, asked: string): number => {
  const { singularValues } = spectrum;
  const largest = singularValues[0] ?? 0;
  if (!(alpha > 0)) throw outOfRange(`The cut-off ${asked} is not above 0.`, `Choose 0 < α ≤ λ₁ = ${digits(largest)}.`);
  if (alpha > largest) throw outOfRange(`The cut-off ${asked} is above the largest singular value λ₁ = ${digits(largest)}.`, `Choose 0 < α ≤ ${digits(largest)}.`);
  const beyond = beyondAlpha(spectrum, alpha, asked);
  if (beyond !== null) throw outOfRange(beyond, "Choose a larger α, or have more singular values computed (--method auto).");
  return rankAt(singularValues, alpha);
};

const byEnergy = (spectrum: Spectrum, share: number): number => {
  const { singularValues, frobenius } = spectrum;
  if (!(share > 0 && share <= 1)) throw outOfRange(`The energy share ${share} does not lie in (0, 1].`, "Choose 0 < e ≤ 1, for example --energy 0.9.");
  const sums = runningSums(singularValues.map((value) => value * value));
  const reached = sums.findIndex((sum) => sum >= share * frobenius * frobenius);
  if (reached >= 0) return reached + 1;
  const beyond = beyondEnergy(spectrum, share);
  if (beyond !== null) throw outOfRange(beyond, "Choose a smaller share, or have more singular values computed (--method auto).");
  // ‖J‖_F² and Σλ² agree to rounding only: a share may be missed by the last digit.
  return singularValues.length;
};

const byRank = ({ singularValues, complete }: Spectrum, rank: number): number => {
  const count = singularValues.length;
  if (!Number.isInteger(rank) || rank < 1) throw outOfRange(`The rank ${rank} is not a positive integer.`, `Choose a rank from 1 to ${count}.`);
  if (rank > count) throw outOfRange(`The rank ${rank} is above the ${count} singular values ${complete ? "that J has" : "that were computed"}.`, `Choose a rank from 1 to ${count}.`);
  return rank;
};

export const errorsBy = (errors: NonNullable<Spectrum["errors"]>): ((s: number) => number) => (typeof errors === "number" ? () => errors : (s) => errors[s] ?? Infinity);

/**
 * What the error bars of all singular values leave of r(α): λ_s ≥ α for one s makes it at least s, λ_s < α for one at most s − 1. Null where
 * values are missing or have no error bars. Cost: O(number of singular values).
 */
const countOf = ({ singularValues, complete, errors }: Spectrum, alpha: number): RankCount | null => {
  if (!complete || errors === null) return null;
  const errorAt = errorsBy(errors);
  const below = singularValues.findIndex((value, s) => value + errorAt(s) < alpha);
  return { atLeast: singularValues.findLastIndex((value, s) => value - errorAt(s) >= alpha) + 1, atMost: below < 0 ? singularValues.length : below, failure: 0 };
};

/** Whether the error bounds separate the directions: those counted from those not, and both from a given α. */
const isCertified = ({ singularValues, complete, errors }: Spectrum, rank: number, alpha: number | null): boolean => {
  if (errors === null) return false;
  const errorAt = errorsBy(errors);
  const last = singularValues[rank - 1]! - errorAt(rank - 1);
  if (rank === singularValues.length) return complete && last > 0 && (alpha === null || last >= alpha);
  const next = singularValues[rank]! + errorAt(rank);
  return alpha === null ? last > next : last >= alpha && next < alpha;
};

/**
 * The cut-off of a rule; `rule` undefined takes `defaultRule`. `outputs` is K. Cost: O(number of singular values).
 * @throws LensError JACOBIAN_ZERO when no singular value is above zero, CUTOFF_RANGE when the rule's number fits no split of this spectrum.
 * @source Oymak et al. 2019, Def. 2.1; energy rule as in arXiv:2602.15823.
 */
export const chooseCutoff = (rule: CutoffRule | undefined, spectrum: Spectrum, outputs: number): Cutoff => {
  const { singularValues } = spectrum;
  const largest = singularValues[0] ?? 0;
  if (!(largest > 0)) throw new LensError("JACOBIAN_ZERO", "The Jacobian is zero: no chosen parameter changes any output.", "Check --parameters, and whether the model's outputs depend on its weights.");
  const cut = (text: string, rank: number, alpha: number | null): Cutoff => ({
    rule: text,
    alpha: alpha ?? singularValues[rank - 1]!,
    rank,
    gap: gapAt(singularValues, rank),
    certified: isCertified(spectrum, rank, alpha),
    count: alpha === null ? null : countOf(spectrum, alpha),
  });
  const chosen = rule ?? defaultRule(spectrum, outputs);
  switch (chosen.kind) {
    case "rank": return cut(rule !== undefined ? `rank ${chosen.value}` : defaultText(chosen.value, spectrum, outputs), byRank(spectrum, chosen.value), null);
    case "alpha": return cut(`α = ${chosen.value}`, byAlpha(spectrum, chosen.value, alphaText(chosen, largest)), chosen.value);
    case "relative": {
      const alpha = chosen.value * largest;
      return cut(`α = ${chosen.value}·λ₁`, byAlpha(spectrum, alpha, alphaText(chosen, largest)), alpha);
    }
    case "energy": return cut(`${chosen.value} of ‖J‖_F²`, byEnergy(spectrum, chosen.value), null);
    case "gap": return cut("largest gap λ_r/λ_{r+1}", largestGapRank(singularValues, spectrum.floor), null);
  }
};
