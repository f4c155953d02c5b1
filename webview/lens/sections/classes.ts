import type { EnergyView, ResultView } from "../../../src/protocol/lens.ts";
import { formula, h } from "../../shared/dom.ts";
import { formatCount, formatShare } from "../../shared/format.ts";
import type { Section } from "./section.ts";

const heading = (text: string): HTMLElement => h("th", { attributes: { scope: "col" } }, formula(text));

const cells = (energy: EnergyView | null, name: number): HTMLElement[] => {
  const found = energy?.perClass?.find((entry) => entry.class === name);
  return energy?.perClass ? [h("td", {}, formatShare(found?.information ?? null)), h("td", {}, formatShare(found?.nuisance ?? null))] : [];
};

/** Shares of labels and residual class by class, at the cut-off of the analysis. Null when there are no classes. */
export const classesSection = (view: ResultView): Section | null => {
  const classes = view.labels?.perClass ?? view.residual?.perClass ?? null;
  if (!classes || classes.length === 0) return null;
  const columns = (energy: EnergyView | null, z: string): HTMLElement[] => (energy?.perClass ? [heading(`‖Π_I ${z}‖/‖${z}‖`), heading(`‖Π_N ${z}‖/‖${z}‖`)] : []);
  const head = h("tr", {}, heading("class"), heading("samples"), ...columns(view.labels, "y"), ...columns(view.residual, "r"));
  const rows = classes.map((entry) => h("tr", {}, h("th", { attributes: { scope: "row" } }, formatCount(entry.class)), h("td", {}, formatCount(entry.samples)), ...cells(view.labels, entry.class), ...cells(view.residual, entry.class)));
  return {
    element: h("section", { class: "card classes", testid: "classes" }, h("header", {}, h("h2", {}, "Classes")),
      h("div", { class: "scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))),
      h("p", { class: "note" }, "At the cut-off of the analysis; these do not follow the line.")),
  };
};
