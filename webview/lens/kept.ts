import { atAlpha, atRank, type Cutoff } from "./model/cutoff.ts";

/** What the page keeps across a reload: which run it shows and where the cut-off stands. */
export interface Kept {
  readonly runId: string;
  readonly cutoff?: Cutoff;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** The kept state if it is one; states of other versions are forgotten. */
export const keptFrom = (state: unknown): Kept | null => {
  if (!isRecord(state) || typeof state.runId !== "string") return null;
  const { runId, cutoff } = state;
  const whole = isRecord(cutoff) && typeof cutoff.rank === "number" && typeof cutoff.alpha === "number";
  return whole ? { runId, cutoff: { rank: cutoff.rank as number, alpha: cutoff.alpha as number } } : { runId };
};

/** Where the cut-off of a run starts: where the user left it in this page, else where the host has it, in the range of its values either way. */
export const startingCutoff = (values: ArrayLike<number>, runId: string, stored: Cutoff, kept: Kept | null): Cutoff => {
  const wanted = kept?.runId === runId && kept.cutoff ? kept.cutoff : stored;
  const exact = atAlpha(values, wanted.alpha);
  return exact?.rank === wanted.rank ? exact : atRank(values, wanted.rank);
};
