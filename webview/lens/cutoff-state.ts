import { atAlpha, atRank, type Cutoff } from "./model/cutoff.ts";

/** The one cut-off of a page, shared by its drawings, fields and tables. */
export interface CutoffState {
  readonly values: Float64Array;
  current(): Cutoff;
  /** Sets the rank, clamped. */
  setRank(rank: number): void;
  /** Sets the threshold; false when α is outside (0, λ_1]. */
  setAlpha(alpha: number): boolean;
  /** Calls `listener` at every change, in the frame it happens in. */
  onChange(listener: (cutoff: Cutoff) => void): void;
}

/** A cut-off over `values` (descending, at least one), starting at `start`. */
export const cutoffState = (values: Float64Array, start: Cutoff): CutoffState => {
  const listeners: ((cutoff: Cutoff) => void)[] = [];
  let cutoff = start;
  const change = (next: Cutoff): void => {
    if (next.rank === cutoff.rank && next.alpha === cutoff.alpha) return;
    cutoff = next;
    for (const listener of listeners) listener(cutoff);
  };
  return {
    values,
    current: () => cutoff,
    setRank: (rank) => { change(atRank(values, rank)); },
    setAlpha: (alpha) => {
      const next = atAlpha(values, alpha);
      if (next) change(next);
      return next !== null;
    },
    onChange: (listener) => { listeners.push(listener); },
  };
};
