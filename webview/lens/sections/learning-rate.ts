import type { ResultView } from "../../../src/protocol/lens.ts";
import { formula, h } from "../../shared/dom.ts";
import { formatNumber } from "../../shared/format.ts";
import { rateRows, type RateRow } from "../model/learning-rate.ts";
import type { Section } from "./section.ts";

const heading = (content: Node | string, title = ""): HTMLElement => h("th", { ...(title === "" ? {} : { title }), attributes: { scope: "col" } }, content);

const ownCell = (share: number | null): HTMLElement =>
  h("td", { class: share !== null && share >= 1 ? "diverging" : "" }, share === null ? "" : share >= 1 ? `${formatNumber(share, 3)} ⚠` : formatNumber(share, 3));

const line = (row: RateRow, own: boolean): HTMLElement =>
  h("tr", {}, h("th", { title: row.title, attributes: { scope: "row" } }, row.loss), h("td", {}, formatNumber(row.theory)), h("td", {}, formatNumber(row.divergence)), own ? ownCell(row.ofDivergence) : null);

/** Learning-rate limits that λ_1 sets, for each usual way of writing the loss, and where the user's own stands. THEORY §3. */
export const learningRateSection = ({ learningRate }: Pick<ResultView, "learningRate">): Section => {
  const rows = rateRows(learningRate);
  const own = rows.some((row) => row.ofDivergence !== null);
  const head = h("tr", {}, heading("loss"), heading("theory’s limit", "η ≤ 1/λ₁²"), heading("diverges from", "η ≥ 2/λ₁²"), own ? heading("yours / that", "the learning rate given, over the one from which descent diverges: stable below 1") : null);
  return {
    element: h("section", { class: "card learning-rate", testid: "learning-rate" }, h("header", {}, h("h2", {}, "Learning rate")),
      h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows.map((row) => line(row, own)))),
      h("p", { class: "note" }, "From the sharpness ", formula("λ_1²"), ` = ${formatNumber(learningRate.sharpness)}, for plain gradient descent.`)),
  };
};
