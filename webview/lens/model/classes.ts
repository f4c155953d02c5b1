import type { EnergyView, ResultView } from "../../../src/protocol/lens.ts";

/** Shares of one vector on the samples of one class; null where they were not computed. */
export interface ClassShares {
  readonly information: number | null;
  readonly nuisance: number | null;
}

export interface ClassRow {
  readonly name: number;
  readonly samples: number;
  readonly labels: ClassShares | null;
  readonly residual: ClassShares | null;
}

export interface ClassTable {
  readonly rows: readonly ClassRow[];
  /** The rank the shares are at: the cut-off's, or the nearest they are known at; null where that is the analysis's only. */
  readonly rank: number | null;
}

type View = Pick<ResultView, "labels" | "residual">;

/** They are known up to the rank of the analysis; null in results of earlier versions, which have them at that rank only. */
const knownUpTo = ({ labels, residual }: View): number | null => {
  const lengths = [labels, residual].flatMap((energy) => energy?.perClass?.map((entry) => entry.cumulative?.length ?? 0) ?? []);
  const shortest = lengths.reduce((a, b) => Math.min(a, b), Infinity);
  return shortest > 0 && Number.isFinite(shortest) ? shortest : null;
};

const sharesAt = (energy: EnergyView | null, name: number, rank: number | null): ClassShares | null => {
  if (!energy?.perClass) return null;
  const found = energy.perClass.find((entry) => entry.class === name);
  if (!found) return { information: null, nuisance: null };
  const share = rank === null ? undefined : found.cumulative?.[rank - 1];
  const empty = found.information === 0 && found.nuisance === 0;
  return share === undefined || empty ? { information: found.information, nuisance: found.nuisance } : { information: Math.sqrt(share), nuisance: Math.sqrt(Math.max(0, 1 - share)) };
};

/** Shares of labels and residual class by class at a cut-off, or at the nearest rank that they are known at. Null without classes. Cost: classes². */
export const classTable = (view: View, rank: number): ClassTable | null => {
  const classes = view.labels?.perClass ?? view.residual?.perClass ?? null;
  if (!classes || classes.length === 0) return null;
  const upTo = knownUpTo(view);
  const at = upTo === null ? null : Math.min(rank, upTo);
  const rows = classes.map((entry) => ({ name: entry.class, samples: entry.samples, labels: sharesAt(view.labels, entry.class, at), residual: sharesAt(view.residual, entry.class, at) }));
  return { rows, rank: at };
};
