import type { ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { formula, h } from "../../shared/dom.ts";
import { formatNumber } from "../../shared/format.ts";
import { rateRows, type RateRow } from "../model/learning-rate.ts";
import type { Section } from "./section.ts";

const ownCell = (share: number | null): HTMLElement =>
  cell(share === null ? "" : share >= 1 ? `${formatNumber(share, 3)} ⚠` : formatNumber(share, 3), { class: share !== null && share >= 1 ? "diverging" : "" });

const line = (row: RateRow, own: boolean): HTMLElement =>
  h("tr", {}, rowHead({ title: row.title }, row.loss), cell(formatNumber(row.theory)), cell(formatNumber(row.divergence)), own && ownCell(row.ofDivergence));

/** Learning-rate limits that λ_1 sets, for each usual way of writing the loss, and where the user's own stands. THEORY §3. */
export const learningRateSection = ({ learningRate }: Pick<ResultView, "learningRate">): Section => {
  const rows = rateRows(learningRate);
  const own = rows.some((row) => row.ofDivergence !== null);
  const yours = columnHead("yours / that", { title: "the learning rate given, over the one from which descent diverges: stable below 1" });
  const head = [columnHead("loss"), columnHead("theory’s limit", { title: "η ≤ 1/λ₁²" }), columnHead("diverges from", { title: "η ≥ 2/λ₁²" }), ...(own ? [yours] : [])];
  return {
    element: h("section", { class: "card learning-rate", testid: "learning-rate" }, h("header", {}, h("h2", {}, "Learning rate")),
      table(null, head, rows.map((row) => line(row, own))),
      h("p", { class: "note" }, "From the sharpness ", formula("λ_1²"), ` = ${formatNumber(learningRate.sharpness)}, for plain gradient descent.`)),
  };
};
