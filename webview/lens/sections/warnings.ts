import type { ResultView } from "../../../src/protocol/lens.ts";
import { cell, columnHead, rowHead, table } from "../../shared/cells.ts";
import { h } from "../../shared/dom.ts";
import { checkText } from "../model/facts.ts";
import { type Notice, runtimeNotices } from "../model/runtime.ts";
import type { Section } from "./section.ts";

const casesOf = ({ cases }: Notice): HTMLElement | null => {
  const [head, ...rows] = cases;
  if (!head || rows.length === 0) return null;
  const lines = rows.map(([first = "", ...others]) => h("tr", {}, rowHead({}, first), ...others.map((text) => cell(text, { class: "text" }))));
  return h("details", {}, h("summary", {}, "Which"),
    h("div", { class: "scroll tall", role: "region", attributes: { tabindex: 0, "aria-label": "Which" } }, table(null, head.map((name) => columnHead(name, { class: "text" })), lines)));
};

const noticeLine = (notice: Notice): HTMLElement =>
  h("li", { class: `notice ${notice.kind}`, title: notice.code, attributes: { "data-code": notice.code } },
    h("span", { class: "message" }, notice.message), notice.hint === "" ? null : h("span", { class: "hint" }, notice.hint), casesOf(notice));

/** Failed checks, fallbacks to the CPU and the model's warnings, each with what to do. Null when there are none. */
export const warningsSection = (view: ResultView): Section | null => {
  const failed = view.checks.filter((check) => !check.passed)
    .map((check): Notice => ({ kind: "error", code: check.name, message: `Check failed: ${checkText(check)}.`, hint: "Do not trust the numbers below before you know why.", cases: [] }));
  const warnings = view.warnings.map((warning): Notice => ({ kind: "warning", ...warning, cases: [] }));
  const notices = [...failed, ...runtimeNotices(view.facts.runtime), ...warnings];
  if (notices.length === 0) return null;
  return { element: h("ul", { class: "notices", testid: "warnings", attributes: { "aria-label": "Warnings" } }, ...notices.map(noticeLine)) };
};
