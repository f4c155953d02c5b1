import type { EnergyView, ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { formula, h, setText } from "../../shared/dom.ts";
import { formatCount, formatShare } from "../../shared/format.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { classTable, type ClassRow, type ClassTable } from "../model/classes.ts";
import type { Section } from "./section.ts";

const headings = (energy: EnergyView | null, z: string): HTMLElement[] =>
  energy?.perClass ? ["I", "N"].map((space) => columnHead(formula(`‖Π_${space} ${z}‖/‖${z}‖`))) : [];

const texts = ({ labels, residual }: ClassRow): string[] =>
  [labels, residual].flatMap((shares) => (shares ? [formatShare(shares.information), formatShare(shares.nuisance)] : []));

const noteText = ({ rank }: ClassTable, current: number): string => {
  if (rank === null) return "At the cut-off of the analysis; these do not follow the line.";
  return rank === current ? `At rank ${formatCount(rank)}.` : `At rank ${formatCount(rank)}, the cut-off of the analysis: beyond it, classes are not known one by one. Analyze with a larger rank for that.`;
};

/** Shares of labels and residual class by class, following the cut-off as far as they are known. Null when there are no classes. */
export const classesSection = (view: ResultView, state: CutoffState): Section | null => {
  const first = classTable(view, state.current().rank);
  if (!first) return null;
  const lines = first.rows.map((row) => ({ row, cells: texts(row).map(() => cell(null)) }));
  const note = h("p", { class: "note", testid: "classes-note" });
  const show = (): void => {
    const current = state.current().rank;
    const now = classTable(view, current) ?? first;
    now.rows.forEach((row, i) => { texts(row).forEach((text, k) => { const shown = lines[i]?.cells[k]; if (shown) setText(shown, text); }); });
    setText(note, noteText(now, current));
  };
  state.onChange(show);
  show();
  const head = [columnHead("class"), columnHead("samples"), ...headings(view.labels, "y"), ...headings(view.residual, "r")];
  const body = lines.map(({ row, cells }) => h("tr", {}, rowHead({}, formatCount(row.name)), cell(formatCount(row.samples)), ...cells));
  return {
    element: h("section", { class: "card classes", testid: "classes" }, h("header", {}, h("h2", {}, "Classes")),
      h("div", { class: "scroll", role: "region", attributes: { tabindex: 0, "aria-label": "Classes" } }, table(null, head, body)), note),
  };
};
