import type { FailedView, RunningView } from "../../src/protocol/lens.ts";
import { button, progressRing } from "../shared/controls.ts";
import { h, setText } from "../shared/dom.ts";
import { formatPercent } from "../shared/format.ts";
import type { Section } from "./sections/section.ts";

/** Before anything was heard. */
export const waitingPage = (): Section => ({ element: h("div", { class: "status", role: "status" }, progressRing(), h("p", {}, "Loading the result…")) });

const subject = (view: RunningView | FailedView): HTMLElement =>
  h("p", { class: "subject" }, h("span", { title: view.model.path }, view.model.name), h("span", { class: "muted" }, " on "), h("span", { title: view.data.path }, view.data.name));

/** A running analysis: the bar, what is being done, and a way to stop it. */
export interface RunningPage extends Section {
  progress(fraction: number, label: string): void;
}

export const runningPage = (view: RunningView, cancel: () => void): RunningPage => {
  const bar = h("progress", { testid: "progress", attributes: { max: 1, "aria-label": "Progress of the analysis" } });
  const label = h("p", { class: "muted", testid: "progress-label" });
  const stop = button({ label: "Cancel", testid: "cancel", pressed: () => {
    stop.setEnabled(false);
    cancel();
  } });
  const progress = (fraction: number, text: string): void => {
    bar.value = fraction;
    setText(label, text === "" ? formatPercent(fraction) : `${text} (${(fraction * 100).toFixed(0)} %)`);
  };
  progress(view.fraction, view.label);
  return { element: h("div", { class: "status" }, h("h1", {}, "Analyzing the Jacobian"), subject(view), bar, label, stop.element), progress };
};

/** A failed analysis: what is wrong, what to do, and the way to try again. */
export const failedPage = (view: FailedView, actions: { readonly again: () => void; readonly log: () => void }): Section => {
  const { code, message, hint } = view.error;
  const again = button({ label: "Try again", emphasis: "primary", testid: "retry", pressed: actions.again });
  const log = button({ label: "Open log", testid: "open-log", pressed: actions.log });
  return {
    element: h("div", { class: "status failed", role: "alert", testid: "error" },
      h("h1", {}, "The analysis failed"), subject(view),
      h("p", { class: "message", testid: "error-message" }, message),
      h("p", { class: "hint", testid: "error-hint" }, hint),
      h("p", { class: "muted" }, h("code", { testid: "error-code" }, code)),
      h("div", { class: "actions" }, again.element, log.element)),
  };
};
