import type { ResultView } from "../../../src/protocol/lens.ts";
import { button } from "../../shared/controls.ts";
import { h } from "../../shared/dom.ts";
import { shortPath } from "../../shared/format.ts";
import type { TestId } from "../../shared/test-ids.ts";
import { factsOf, type Fact } from "../model/facts.ts";
import { foldsOf } from "./folds.ts";
import type { Section } from "./section.ts";

/** What the facts line asks of the host. */
export interface FactsActions {
  readonly openModel: () => void;
  readonly openData: () => void;
  readonly openJson: () => void;
  readonly exportJson: () => void;
  readonly again: () => void;
}

const FACT_IDS: Partial<Record<Fact["id"], TestId>> = { provider: "provider", checks: "checks", fit: "fit", method: "method-fact" };

const item = (fact: Fact, verdict: "passed" | "failed" | ""): HTMLElement => {
  const testid = FACT_IDS[fact.id];
  return h("li", { class: fact.id === "checks" ? `fact ${verdict}` : "fact", title: fact.title, ...(testid ? { testid } : {}) }, fact.text);
};

const fileLink = (file: { readonly path: string }, testid: TestId, open: () => void): HTMLElement => {
  const link = h("button", { class: "link", testid, title: file.path, attributes: { type: "button" } }, shortPath(file.path));
  link.addEventListener("click", open);
  return link;
};

/** What was analysed, how, and whether the checks passed; everything else folded away behind it. */
export const factsSection = (view: ResultView, actions: FactsActions): Section => {
  const verdict = view.checks.some((check) => !check.passed) ? "failed" : view.checks.length > 0 ? "passed" : "";
  const buttons = [
    button({ label: "Result as JSON", title: "open the whole result in an editor", testid: "open-json", pressed: actions.openJson }),
    button({ label: "Save…", title: "save the whole result as a file", testid: "export-json", pressed: actions.exportJson }),
    button({ label: "Run again", title: "analyze the same model and data again", testid: "analyse-again", pressed: actions.again }),
  ];
  const title = h("h1", {}, fileLink(view.model, "model", actions.openModel), h("span", { class: "on" }, " on "), fileLink(view.data, "data", actions.openData));
  const element = h("header", { class: "facts", testid: "facts" },
    h("div", { class: "title" }, title, h("div", { class: "actions" }, ...buttons.map((control) => control.element))),
    h("ul", { class: "line" }, ...factsOf(view).map((fact) => item(fact, verdict))), foldsOf(view));
  return { element };
};
