import type { ResultView } from "../../src/protocol/lens.ts";
import { h } from "../shared/dom.ts";
import { cutoffState } from "./cutoff-state.ts";
import type { Cutoff } from "./model/cutoff.ts";
import { classesSection } from "./sections/classes.ts";
import { cumulativeSection } from "./sections/cumulative.ts";
import { cutoffBar } from "./sections/cutoff-bar.ts";
import { densitySection } from "./sections/density.ts";
import { energySection } from "./sections/energy.ts";
import { factsSection, type FactsActions } from "./sections/facts.ts";
import { layersSection } from "./sections/layers.ts";
import { learningRateSection } from "./sections/learning-rate.ts";
import type { Section } from "./sections/section.ts";
import { spectrumSection } from "./sections/spectrum.ts";
import { warningsSection } from "./sections/warnings.ts";

/** What the page of a result asks of its surroundings. */
export interface ResultActions extends FactsActions {
  readonly copy: (text: string) => void;
  /** Called at every change of the cut-off, also in the middle of a drag. */
  readonly cutoffChanged: (cutoff: Cutoff) => void;
}

const isSection = (section: Section | null): section is Section => section !== null;

/** The page of a finished analysis. */
export const resultPage = (view: ResultView, start: Cutoff, actions: ResultActions): Section => {
  const facts = factsSection(view, actions);
  const warnings = warningsSection(view);
  if (view.singularValues.length === 0) {
    const nothing = h("p", { class: "empty" }, "The Jacobian has no singular values: there is no sample, no output or no parameter.");
    return { element: h("div", { class: "page" }, facts.element, warnings?.element, nothing) };
  }
  const state = cutoffState(view.singularValues, start);
  state.onChange(actions.cutoffChanged);
  const bar = cutoffBar(view, state);
  const spectrum = spectrumSection(view, state, actions.copy);
  const cumulative = cumulativeSection(view, state, actions.copy);
  const energy = energySection(view, state, actions.copy);
  const tables = [view.layers && view.layers.length > 0 ? layersSection(view.layers) : null, learningRateSection(view), classesSection(view, state)];
  // One column reads in this order: the table that follows the cut-off comes next to the line that is dragged.
  const density = densitySection(view, state, actions.copy);
  // Where the rest is known by its density only, that comes before the tables.
  const sections = [spectrum, energy, cumulative, ...(view.density ? [density, ...tables] : [...tables, density])].filter(isSection);
  return {
    element: h("div", { class: "page" }, facts.element, warnings?.element, bar.element, h("div", { class: "grid" }, ...sections.map((section) => section.element))),
    dispose: () => { for (const section of sections) section.dispose?.(); },
  };
};
