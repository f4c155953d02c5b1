import type { EnergyView, ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { formula, h } from "../../shared/dom.ts";
import { formatCount, formatShare } from "../../shared/format.ts";
import type { Section } from "./section.ts";

const shares = (energy: EnergyView | null, name: number): HTMLElement[] => {
  const found = energy?.perClass?.find((entry) => entry.class === name);
  return energy?.perClass ? [cell(formatShare(found?.information ?? null)), cell(formatShare(found?.nuisance ?? null))] : [];
};

const headings = (energy: EnergyView | null, z: string): HTMLElement[] =>
  energy?.perClass ? ["I", "N"].map((space) => columnHead(formula(`‖Π_${space} ${z}‖/‖${z}‖`))) : [];

/** Shares of labels and residual class by class, at the cut-off of the analysis. Null when there are no classes. */
export const classesSection = (view: ResultView): Section | null => {
  const { labels, residual } = view;
  const classes = labels?.perClass ?? residual?.perClass ?? null;
  if (!classes || classes.length === 0) return null;
  const head = [columnHead("class"), columnHead("samples"), ...headings(labels, "y"), ...headings(residual, "r")];
  const lines = classes.map((entry) =>
    h("tr", {}, rowHead({}, formatCount(entry.class)), cell(formatCount(entry.samples)), ...shares(labels, entry.class), ...shares(residual, entry.class)));
  return {
    element: h("section", { class: "card classes", testid: "classes" }, h("header", {}, h("h2", {}, "Classes")),
      h("div", { class: "scroll" }, table(null, head, lines)),
      h("p", { class: "note" }, "At the cut-off of the analysis; these do not follow the line.")),
  };
};
