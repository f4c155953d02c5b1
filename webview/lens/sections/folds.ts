import type { ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { ellipsis, h } from "../../shared/dom.ts";
import { counted, formatCount } from "../../shared/format.ts";
import type { TestId } from "../../shared/test-ids.ts";
import { detailsOf } from "../model/facts.ts";
import { methodDetails, methodRows, type MethodRow } from "../model/method.ts";
import { providerName, runtimeDetails } from "../model/runtime.ts";

const pairs = (entries: readonly (readonly [string, string])[]): HTMLElement =>
  h("dl", {}, ...entries.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

const fold = (testid: TestId, summary: string, ...content: readonly (HTMLElement | null)[]): HTMLElement =>
  h("details", { class: "fold", testid }, h("summary", {}, summary), ...content);

const scrolling = (label: string, content: HTMLElement): HTMLElement =>
  h("div", { class: "scroll tall", role: "region", attributes: { tabindex: 0, "aria-label": label } }, content);

const parametersTable = (view: ResultView): HTMLElement => {
  const head = [columnHead("parameter"), columnHead("shape"), columnHead("count"), columnHead("layer", { class: "text" })];
  const lines = view.facts.parameterTensors.map((tensor) =>
    h("tr", {}, rowHead({ class: "name", title: tensor.name }, ellipsis(tensor.name)), cell(`[${tensor.shape.join(", ")}]`), cell(formatCount(tensor.count)), cell(tensor.layer, { class: "text" })));
  return scrolling("Parameters", table(null, head, lines));
};

const excludedTable = (view: ResultView): HTMLElement => {
  const head = [columnHead("tensor"), columnHead("shape"), columnHead("count"), columnHead("why it is no parameter", { class: "text" })];
  const lines = view.facts.excluded.map((tensor) =>
    h("tr", {}, rowHead({ class: "name", title: tensor.name }, ellipsis(tensor.name)), cell(`[${tensor.shape.join(", ")}]`), cell(formatCount(tensor.count)), cell(tensor.reason, { class: "text wrap" })));
  return scrolling("Tensors left out", table(null, head, lines));
};

const planLine = (row: MethodRow): HTMLElement =>
  h("tr", { class: row.ran ? "ran" : "" }, rowHead({}, row.ran ? `${row.name} ✓` : row.name), cell(row.seconds), cell(row.memory),
    cell(h("span", {}, row.returns, row.why === "" ? null : h("span", { class: "why" }, row.why)), { class: "text wrap" }));

const planTable = (view: ResultView): HTMLElement | null => {
  const rows = methodRows(view.facts);
  if (rows.length === 0) return null;
  const head = [columnHead("method"), columnHead("expected time"), columnHead("memory"), columnHead("what it gives, or why it could not be used", { class: "text" })];
  return h("div", { class: "scroll" }, table("plan", head, rows.map(planLine)));
};

const refusals = (view: ResultView): HTMLElement | null => {
  const { refused } = view.facts.runtime;
  if (refused.length === 0) return null;
  return h("ul", { class: "refusals", testid: "refused" }, ...refused.map(({ provider, reason, remedy }) =>
    h("li", {}, h("span", { class: "message" }, `${providerName(provider)} was refused: ${reason}`), remedy ? h("span", { class: "hint" }, remedy) : null)));
};

const placeTitle = ({ facts: { runtime } }: ResultView): string =>
  (runtime.refused.length > 0 ? `Where it ran · ${counted(runtime.refused.length, "provider")} refused` : "Where it ran");

/** What is folded away under the facts line: details, method and plan, where it ran, and the tensors left out. */
export const foldsOf = (view: ResultView): HTMLElement =>
  h("div", { class: "folds" },
    fold("details", "Details", pairs(detailsOf(view)), parametersTable(view)),
    fold("method", "Method and plan", pairs(methodDetails(view)), planTable(view)),
    fold("runtime", placeTitle(view), pairs(runtimeDetails(view.facts.runtime)), refusals(view)),
    view.facts.excluded.length === 0 ? null : fold("excluded", `${counted(view.facts.excluded.length, "tensor")} left out`, excludedTable(view)));
