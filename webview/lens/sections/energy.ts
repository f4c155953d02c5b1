import type { ResultView } from "../../../src/protocol/lens.ts";
import { button } from "../../shared/controls.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { formula, h, setText } from "../../shared/dom.ts";
import { formatCount, formatNumber, formatShare } from "../../shared/format.ts";
import { toFormat, type TableFormat } from "../../shared/tabular.ts";
import type { TestId } from "../../shared/test-ids.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { energyRows, energyTable, errorBarText, type EnergyRow, type RowId } from "../model/energy.ts";
import type { Section } from "./section.ts";

type Quantity = "information" | "nuisance" | "pseudoInverse";

const HEADINGS: Readonly<Record<Quantity, { readonly text: string; readonly title: string }>> = {
  information: { text: "‖Π_I z‖/‖z‖", title: "share in the information space, the first r left singular directions" },
  nuisance: { text: "‖Π_N z‖/‖z‖", title: "share in the nuisance space, everything else" },
  pseudoInverse: { text: "‖J_I†z‖/‖z‖", title: "distance the parameters must move to fit the information part, relative to ‖z‖" },
};

const TEST_IDS: Readonly<Record<RowId, Partial<Record<Quantity, TestId>>>> = {
  labels: { information: "labels-information", nuisance: "labels-nuisance", pseudoInverse: "labels-pseudo-inverse" },
  residual: { information: "residual-information", nuisance: "residual-nuisance", pseudoInverse: "residual-pseudo-inverse" },
  random: { information: "random-information", nuisance: "random-nuisance" },
};

const QUANTITIES: readonly Quantity[] = ["information", "nuisance", "pseudoInverse"];

const cellText = (row: EnergyRow, quantity: Quantity): string => (quantity === "pseudoInverse" ? formatNumber(row.pseudoInverse) : formatShare(row[quantity]));

/** One line of the table, and what to call when its numbers change. */
const line = (row: EnergyRow): { readonly element: HTMLElement; readonly show: (next: EnergyRow) => void } => {
  const cells = QUANTITIES.map((quantity) => {
    const testid = TEST_IDS[row.id][quantity];
    return { quantity, element: h("span", testid ? { testid } : {}), error: h("span", { class: "error-bar" }) };
  });
  const norm = row.norm === null ? null : h("span", { class: "norm" }, `norm ${formatNumber(row.norm)}`);
  return {
    element: h("tr", { class: row.id }, rowHead({}, row.name, norm), ...cells.map(({ element, error }) => cell(h("span", {}, element, error)))),
    show: (next) => {
      for (const { quantity, element, error } of cells) {
        setText(element, cellText(next, quantity));
        setText(error, quantity === "pseudoInverse" ? "" : errorBarText(next.errors?.[quantity]));
      }
    },
  };
};

/** What the error bars of the shares come from, in words. */
const boundText = ({ angles }: ResultView, rank: number): string => {
  const sine = angles?.[rank - 1];
  if (sine === undefined) return "";
  return sine >= 1 ? " Which directions are the information space’s is not certain at this rank: the gap is too narrow for the errors." : ` Directions certain to an angle of sine ${formatNumber(sine, 2)}.`;
};

const COPIES: readonly { readonly format: TableFormat; readonly label: string; readonly testid: TestId }[] = [
  { format: "tsv", label: "TSV", testid: "copy-tsv" }, { format: "markdown", label: "Markdown", testid: "copy-markdown" }, { format: "latex", label: "LaTeX", testid: "copy-latex" },
];

/** The information and nuisance shares of labels and residual (THEORY §2) at the cut-off, following it while it is dragged. */
export const energySection = (view: ResultView, state: CutoffState, copy: (text: string) => void): Section => {
  const rows = (): EnergyRow[] => energyRows(view, state.current().rank);
  const lines = rows().map(line);
  const at = h("p", { class: "note" });
  const show = (): void => {
    const { rank, alpha } = state.current();
    rows().forEach((row, i) => lines[i]?.show(row));
    setText(at, `At rank ${formatCount(rank)} of ${formatCount(state.values.length)}, α = ${formatNumber(alpha)}.${boundText(view, rank)}`);
  };
  state.onChange(show);
  show();
  const copyAs = (format: TableFormat) => (): void => { copy(toFormat[format](energyTable(rows()))); };
  const buttons = COPIES.map(({ format, label, testid }) => button({ label, emphasis: "icon", title: `copy the table as ${label}`, testid, pressed: copyAs(format) }).element);
  const head = [columnHead("z"), ...QUANTITIES.map((quantity) => columnHead(formula(HEADINGS[quantity].text), { title: HEADINGS[quantity].title }))];
  const copies = h("div", { class: "actions", role: "group", attributes: { "aria-label": "Copy the table" } }, h("span", { class: "muted" }, "Copy"), ...buttons);
  const nothing = h("p", { class: "note" }, "The data set has no labels, so there is nothing to project: give them with “y” when you analyze.");
  const element = h("section", { class: "card energy" },
    h("header", {}, h("h2", {}, "Information and nuisance"), lines.length > 0 && copies),
    ...(lines.length > 0 ? [h("div", { class: "scroll" }, table("energy-table", head, lines.map(({ element: row }) => row))), at] : [nothing]));
  return { element };
};
