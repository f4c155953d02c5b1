import type { ResultView } from "../../../src/protocol/lens.ts";
import { button, textField } from "../../shared/controls.ts";
import { formula, h, setText } from "../../shared/dom.ts";
import { formatCount, formatEditable, parseNumber } from "../../shared/format.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { editableAlpha, gapView, presets } from "../model/cutoff.ts";
import type { Section } from "./section.ts";

const fields = (state: CutoffState): HTMLElement[] => {
  const count = state.values.length;
  const problem = h("span", { class: "problem", role: "alert" });
  const refuse = (field: typeof rank, text: string): void => {
    field.setInvalid(true);
    problem.textContent = text;
  };
  const rank = textField({ label: "Rank of the information space", visibleLabel: h("span", {}, "rank r"), testid: "rank", entered: (text) => {
    const value = parseNumber(text);
    const possible = value !== null && value >= 1 && value <= count;
    if (possible) state.setRank(value);
    if (possible) show();
    else refuse(rank, `A rank is a whole number from 1 to ${formatCount(count)}.`);
  } });
  const alpha = textField({ label: "Cut-off α, a singular value", visibleLabel: h("span", {}, "α"), testid: "alpha", entered: (text) => {
    const value = parseNumber(text);
    if (value !== null && state.setAlpha(value)) show();
    else refuse(alpha, `α is above 0 and at most λ₁ = ${formatEditable(state.values[0] ?? 0)}.`);
  } });
  const show = (): void => {
    const cutoff = state.current();
    problem.textContent = "";
    rank.setInvalid(false);
    alpha.setInvalid(false);
    rank.setValue(String(cutoff.rank));
    alpha.setValue(editableAlpha(state.values, cutoff));
  };
  state.onChange(show);
  show();
  return [rank.element, alpha.element, problem];
};

const presetButtons = (view: ResultView, state: CutoffState): HTMLElement => {
  const controls = presets(view.singularValues, view.facts.outputs, view.floor).map((preset) => {
    const title = preset.possible ? preset.title : `only ${formatCount(view.singularValues.length)} singular values`;
    const control = button({ label: preset.label, title, testid: preset.id, pressed: () => { state.setRank(preset.rank); } });
    control.setEnabled(preset.possible);
    return control.element;
  });
  return h("div", { class: "presets", role: "group", attributes: { "aria-label": "Common cut-offs" } }, ...controls);
};

/** Rank and α as fields, the usual choices, and the gap at the border. Stays in step with the lines in the drawings. */
export const cutoffBar = (view: ResultView, state: CutoffState): Section => {
  const gap = h("output", { testid: "gap" });
  // Always takes its room, so that nothing moves under the pointer while it comes and goes.
  const warning = h("span", { class: "gap-warning", testid: "gap-warning", role: "status" }, "⚠ ill-conditioned");
  const show = (): void => {
    const { text, warning: found } = gapView(state.values, state.current().rank, view, view.facts.complete);
    setText(gap, text);
    warning.classList.toggle("absent", found === null);
    if (found) setText(warning, `⚠ ${found.label}`);
    warning.title = found?.sentence ?? "";
  };
  state.onChange(show);
  show();
  const element = h("section", { class: "cutoff-bar", attributes: { "aria-label": "Cut-off" } },
    h("h2", {}, "Cut-off"), ...fields(state), presetButtons(view, state),
    h("span", { class: "gap" }, h("span", {}, "gap ", formula("λ_r/λ_{r+1}")), gap, warning));
  return { element };
};
