import type { ResultView } from "../../../src/protocol/lens.ts";
import { h } from "../../shared/dom.ts";
import { checkText } from "../model/facts.ts";
import type { Section } from "./section.ts";

const notice = (kind: "warning" | "error", message: string, hint: string, code: string): HTMLElement =>
  h("li", { class: `notice ${kind}`, title: code }, h("span", { class: "message" }, message), hint === "" ? null : h("span", { class: "hint" }, hint));

/** Failed checks and the model's warnings, each with what to do. Null when there are none. */
export const warningsSection = (view: ResultView): Section | null => {
  const failed = view.checks.filter((check) => !check.passed)
    .map((check) => notice("error", `Check failed: ${checkText(check)}.`, "Do not trust the numbers below before you know why.", check.name));
  const warnings = view.warnings.map((warning) => notice("warning", warning.message, warning.hint, warning.code));
  if (failed.length + warnings.length === 0) return null;
  return { element: h("ul", { class: "notices", testid: "warnings", attributes: { "aria-label": "Warnings" } }, ...failed, ...warnings) };
};
