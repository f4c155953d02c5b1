import type { ResultView } from "../../../src/protocol/lens.ts";
import { formatCount, formatNumber } from "../../shared/format.ts";

/** What is known about how sure the singular values are. */
export type Certainty = Pick<ResultView, "errors" | "density">;

/** How far off the singular value of index i (from 0) may be; null when not certified. */
export const errorAt = (errors: ResultView["errors"], i: number): number | null => (errors === null || typeof errors === "number" ? errors : errors[i] ?? null);

/** "± 5.1×10⁻⁵", or "" where nothing is certified. */
export const errorText = (errors: ResultView["errors"], i: number): string => {
  const error = errorAt(errors, i);
  return error === null ? "" : `± ${formatNumber(error, 2)}`;
};

/** The largest that λ_{r+1} can be: by its error bar, and by the bound of the values that were not computed; null when nothing is known. */
export const largestBeyond = (values: ArrayLike<number>, { errors, density }: Certainty, rank: number): number | null => {
  const next = values[rank];
  const own = errorAt(errors, rank);
  const bound = density?.rest.bound ?? null;
  const known = [...(next !== undefined && own !== null ? [next + own] : []), ...(bound === null ? [] : [bound])];
  return known.length === 0 ? null : Math.max(...known);
};

/** A sentence where the error bars on both sides of a cut-off meet; null where they do not or are not known. */
export const overlapAt = (values: ArrayLike<number>, known: Certainty, rank: number): string | null => {
  const error = errorAt(known.errors, rank - 1);
  const beyond = largestBeyond(values, known, rank);
  if (error === null || beyond === null || (values[rank - 1] ?? 0) - error > beyond) return null;
  return `The error bars of the singular values on both sides of rank ${formatCount(rank)} meet: which directions belong to the information space is not certain.`;
};
