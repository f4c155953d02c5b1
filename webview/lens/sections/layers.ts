import type { ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { ellipsis, formula, h } from "../../shared/dom.ts";
import { formatNumber, formatPercent } from "../../shared/format.ts";
import { layerBars, type LayerBar } from "../model/layers.ts";
import type { Section } from "./section.ts";

const row = (bar: LayerBar, largest: number): HTMLElement => {
  const fill = h("span", { class: bar.rest ? "bar rest" : "bar" });
  fill.style.width = `${String(largest > 0 ? (100 * bar.share) / largest : 0)}%`;
  return h("tr", {},
    rowHead({ class: "name", title: bar.title }, ellipsis(bar.name)),
    h("td", { class: "bar-cell", attributes: { "aria-hidden": "true" } }, fill),
    cell(formatPercent(bar.share)), cell(formatNumber(bar.frobenius)));
};

/** Each layer's share of ‖J‖_F², largest first, as bars that are a table. */
export const layersSection = (layers: NonNullable<ResultView["layers"]>): Section => {
  const bars = layerBars(layers);
  const largest = Math.max(...bars.map((bar) => bar.share));
  const head = [columnHead("layer"), h("td", { attributes: { "aria-hidden": "true" } }), columnHead("share"), columnHead(formula("‖J_ℓ‖_F"))];
  return {
    element: h("section", { class: "card layers", testid: "layers" }, h("header", {}, h("h2", {}, "Layers’ share of ", formula("‖J‖_F²"))),
      table(null, head, bars.map((bar) => row(bar, largest)))),
  };
};
