import type { EnergyView, RandomLabelsView, ResultView } from "../../../src/protocol/lens.ts";
import { splitAt, type SplitErrors, splitErrors } from "../../../src/core/split.ts";
import type { Table } from "../../shared/tabular.ts";

export type RowId = "labels" | "residual" | "random";

/** One line of the table of THEORY §2: ‖Π_I z‖/‖z‖, ‖Π_N z‖/‖z‖, ‖J_I†z‖/‖z‖ (null where it does not apply). */
export interface EnergyRow {
  readonly id: RowId;
  readonly name: string;
  /** ‖z‖; null for the average over random vectors. */
  readonly norm: number | null;
  readonly information: number;
  readonly nuisance: number;
  readonly pseudoInverse: number | null;
  /** How far the shares may be off because the directions are; null where that is not known. */
  readonly errors: SplitErrors | null;
}

type View = Pick<ResultView, "singularValues" | "labels" | "residual" | "randomLabels" | "angles">;

const vectorRow = (id: RowId, name: string, { singularValues, angles }: View, energy: EnergyView, rank: number): EnergyRow => {
  const shares = splitAt(singularValues, energy.cumulative, rank);
  const sine = energy.norm === 0 ? 0 : angles?.[rank - 1];
  return { id, name, norm: energy.norm, ...shares, errors: sine === undefined ? null : splitErrors(shares, sine) };
};

/** An error bar in the decimals of the share it stands beside; "" where those show nothing of it, or nothing is known. */
export const errorBarText = (error: number | undefined): string => {
  if (error === undefined || error < 0.00005) return "";
  return `±\u00a0${error >= 0.001 ? String(Number(error.toPrecision(2))) : error.toFixed(4)}`;
};

/** Root of the mean squared share over the permutations; J_I† has no mean that could be told from the band. */
const randomRow = (random: RandomLabelsView, rank: number): EnergyRow => {
  const share = random.mean[rank - 1] ?? 0;
  const name = `Random labels (mean of ${String(random.permutations)})`;
  return { id: "random", name, norm: null, information: Math.sqrt(share), nuisance: Math.sqrt(Math.max(0, 1 - share)), pseudoInverse: null, errors: null };
};

/** The lines for a rank; those that were not computed are left out. Cost: O(rank). */
export const energyRows = (view: View, rank: number): EnergyRow[] => [
  ...(view.labels ? [vectorRow("labels", "Labels y", view, view.labels, rank)] : []),
  ...(view.residual ? [vectorRow("residual", "Residual r = f − y", view, view.residual, rank)] : []),
  ...(view.randomLabels ? [randomRow(view.randomLabels, rank)] : []),
];

const LATEX_NAMES: Readonly<Record<RowId, string>> = { labels: "Labels $y$", residual: "Residual $r$", random: "Random labels" };

/** The lines as a table to paste. */
export const energyTable = (rows: readonly EnergyRow[]): Table => ({
  columns: [
    { text: "z", latex: "$z$" },
    { text: "‖Π_I z‖/‖z‖", latex: "$\\|\\Pi_{\\mathcal{I}} z\\|/\\|z\\|$" },
    { text: "‖Π_N z‖/‖z‖", latex: "$\\|\\Pi_{\\mathcal{N}} z\\|/\\|z\\|$" },
    { text: "‖J_I†z‖/‖z‖", latex: "$\\|J_{\\mathcal{I}}^{\\dagger} z\\|/\\|z\\|$" },
  ],
  rows: rows.map((row) => ({ name: row.name, latex: LATEX_NAMES[row.id], cells: [row.information, row.nuisance, row.pseudoInverse] })),
});
