import { gapAt, largestGapRank, rankAt } from "../../../src/core/split.ts";
import { formatCount, formatEditable, formatNumber } from "../../shared/format.ts";
import { type Certainty, largestBeyond, overlapAt } from "./errors.ts";

/** A cut-off as the user last chose it: rank r in 1 … number of singular values, and an α with λ_r ≥ α > λ_{r+1}. */
export interface Cutoff {
  readonly rank: number;
  readonly alpha: number;
}

/** λ_r/λ_{r+1} below this: the two spaces are nearly interchangeable at the border, the split is ill-conditioned. */
export const ILL_CONDITIONED = 1.05;

/** The cut-off of a rank (clamped to what there is); α is the smallest singular value kept. */
export const atRank = (values: ArrayLike<number>, rank: number): Cutoff => {
  const r = Math.min(values.length, Math.max(1, Math.round(rank)));
  return { rank: r, alpha: values[r - 1] ?? 0 };
};

/** The cut-off of a threshold: r(α) = #{s : λ_s ≥ α}. Null for an α that is not in (0, λ_1]: the definition asks for it. */
export const atAlpha = (values: ArrayLike<number>, alpha: number): Cutoff | null => {
  const rank = alpha > 0 ? rankAt(values, alpha) : 0;
  if (rank > 0) return { rank, alpha };
  // A user who types λ_1 as it is shown, rounded, means λ_1.
  return alpha > 0 && Number((values[0] ?? 0).toPrecision(4)) >= alpha ? atRank(values, 1) : null;
};

/** α as its field shows it: rounded, but never so far that entering it again would give another rank. */
export const editableAlpha = (values: ArrayLike<number>, { rank, alpha }: Cutoff): string => {
  for (let digits = 4; digits < 17; digits++) {
    const text = formatEditable(alpha, digits);
    if (rankAt(values, Number(text)) === rank) return text;
  }
  return String(alpha);
};

export interface Preset {
  readonly id: "preset-classes" | "preset-gap" | "preset-50";
  readonly label: string;
  readonly title: string;
  readonly rank: number;
  /** False when there are too few singular values for it. */
  readonly possible: boolean;
}

/** The ranks offered: K², the largest gap, and the 50 of the paper's experiments. THEORY §2. */
export const presets = (values: ArrayLike<number>, outputs: number, floor: number): readonly Preset[] => {
  const gap = largestGapRank(values, floor);
  const squared = outputs * outputs;
  const make = (id: Preset["id"], label: string, title: string, rank: number): Preset =>
    ({ id, label, title, rank, possible: rank >= 1 && rank <= values.length });
  return [
    make("preset-classes", `K² = ${formatCount(squared)}`, "the square of the number of outputs: about as many outliers as the class means make", squared),
    make("preset-gap", `largest gap: ${formatCount(gap)}`, "the rank with the largest ratio of neighbouring singular values", gap),
    make("preset-50", "50", "the rank of the experiments of Oymak et al. 2019", 50),
  ];
};

/** Where the line between rank r and r + 1 stands on a logarithmic axis of ranks: midway. */
export const splitPosition = (rank: number): number => Math.sqrt(rank * (rank + 1));

/** The rank whose line is nearest to a place on the axis. */
export const rankAtPosition = (position: number, count: number): number => Math.min(count, Math.max(1, Math.floor(position)));

/** The rank a key of a slider leads to; null for keys that are not a slider's. Shift makes arrows ten times as long. */
export const rankAfterKey = (key: string, shift: boolean, rank: number, count: number): number | null => {
  const step = shift ? 10 : 1;
  const page = Math.max(10, Math.round(count / 10));
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: rank - step, ArrowDown: rank - step, ArrowRight: rank + step, ArrowUp: rank + step,
    PageDown: rank - page, PageUp: rank + page, Home: 1, End: count,
  };
  const next = Object.hasOwn(moves, key) ? moves[key] : undefined;
  return next === undefined ? null : Math.min(count, Math.max(1, next));
};

export interface GapView {
  readonly ratio: number | null;
  readonly text: string;
  /** In two words, and as a sentence, when the split is ill-conditioned or its directions are not certain. */
  readonly warning: { readonly label: string; readonly sentence: string } | null;
}

/** The gap where λ_{r+1} was not computed, or is zero. */
const openGap = (values: ArrayLike<number>, rank: number, known: Certainty, complete: boolean): string => {
  if (rank < values.length) return "∞";
  if (complete || known.density?.count === 0) return "no value beyond";
  const beyond = largestBeyond(values, known, rank);
  return beyond !== null && beyond > 0 ? `≥ ${formatNumber(Math.max(1, (values[rank - 1] ?? 0) / beyond))}` : "not known";
};

const NOTHING_KNOWN: Certainty = { errors: null, density: null };

/**
 * The gap λ_r/λ_{r+1} next to a split, with a warning when it is near 1 or error bars meet across it; `complete`: the values are all that J has.
 * THEORY §2, §9.
 */
export const gapView = (values: ArrayLike<number>, rank: number, known: Certainty = NOTHING_KNOWN, complete = known.density === null): GapView => {
  const ratio = gapAt(values, rank);
  const overlap = overlapAt(values, known, rank);
  const uncertain = overlap === null ? null : { label: "not certain", sentence: overlap };
  if (ratio === null) return { ratio, text: openGap(values, rank, known, complete), warning: uncertain };
  const neighbours = `Singular values ${formatCount(rank)} and ${formatCount(rank + 1)}`;
  const near = { label: "ill-conditioned", sentence: `${neighbours} nearly agree: a small change of the network moves directions across this cut-off.` };
  return { ratio, text: formatNumber(ratio), warning: uncertain ?? (ratio < ILL_CONDITIONED ? near : null) };
};

/** The cut-off in words, for a slider's value text. */
export const describeCutoff = (values: ArrayLike<number>, { rank, alpha }: Cutoff): string => {
  const { ratio } = gapView(values, rank);
  return `rank ${formatCount(rank)} of ${formatCount(values.length)}, α = ${formatNumber(alpha)}${ratio === null ? "" : `, gap ${formatNumber(ratio)}`}`;
};
