import type { FailedView, LensView, ResultView, RunningView } from "../../src/protocol/lens.ts";
import { logAxis, plotOptions, rankAxis } from "../shared/axes.ts";
import { button } from "../shared/controls.ts";
import { formula, h, setText } from "../shared/dom.ts";
import { formatCount } from "../shared/format.ts";
import { floorMark } from "../shared/floor-marks.ts";
import { cutoffMark } from "../shared/marks.ts";
import { Plot, type PlotConfiguration } from "../shared/plot.ts";
import type { Theme } from "../shared/theme.ts";
import { splitPosition } from "../lens/model/cutoff.ts";
import { cumulativeSquares, describeSpectrum, drawnSpectrum, rankRange, valueRange } from "../lens/model/spectrum.ts";
import type { Section } from "../lens/sections/section.ts";
import { spectrumCurve } from "../lens/spectrum-curve.ts";
import { footline, headline } from "./model.ts";

/** What the sidebar asks of the host. */
export interface SidebarActions {
  readonly analyse: () => void;
  readonly openPanel: (runId: string) => void;
}

/** A page that can show progress. */
export interface SidebarPage extends Section {
  readonly progress?: (fraction: number, label: string) => void;
}

/** Before the first result. */
export const emptyPage = (actions: SidebarActions): SidebarPage => ({
  element: h("div", { class: "side", testid: "sidebar-empty" },
    h("p", {}, "No result yet. Pick an ONNX model and a data set to see the singular values of its Jacobian here."),
    button({ label: "Analyze Jacobian", emphasis: "primary", testid: "sidebar-analyse", pressed: actions.analyse }).element),
});

const subject = (view: LensView): HTMLElement => h("p", { class: "subject", title: `${view.model.path}\non ${view.data.path}` }, view.model.name);

const open = (view: LensView, label: string, actions: SidebarActions): HTMLElement =>
  button({ label, testid: "sidebar-open", pressed: () => { actions.openPanel(view.runId); } }).element;

export const runningSidebar = (view: RunningView, actions: SidebarActions): SidebarPage => {
  const bar = h("progress", { testid: "progress", attributes: { max: 1, "aria-label": "Progress of the analysis" } });
  const label = h("p", { class: "muted", testid: "progress-label" });
  const progress = (fraction: number, text: string): void => {
    bar.value = fraction;
    setText(label, text);
  };
  progress(view.fraction, view.label);
  return { element: h("div", { class: "side" }, subject(view), bar, label, open(view, "Show", actions)), progress };
};

export const failedSidebar = (view: FailedView, actions: SidebarActions): SidebarPage => ({
  element: h("div", { class: "side", testid: "error" }, subject(view),
    h("p", { class: "message", title: view.error.code }, view.error.message), h("p", { class: "hint" }, view.error.hint), open(view, "Show", actions)),
});

const configuration = (theme: Theme, view: ResultView, rank: number): PlotConfiguration => {
  const size = { x: rankRange(view.singularValues.length), y: valueRange(view.singularValues, view.floor) };
  const options = plotOptions(theme, rankAxis({ theme, title: "", ...size.x }), logAxis({ theme, title: "", ...size.y }));
  const mark = { x: splitPosition(rank), left: [`r = ${formatCount(rank)}`], right: [] };
  return {
    type: "scatter",
    data: { datasets: [spectrumCurve(theme, drawnSpectrum(view.singularValues), 1.8)] },
    options: { ...options, plugins: { tooltip: { enabled: false } } },
    plugins: [floorMark(theme, view.floor, ["rounding floor", "floor"]), cutoffMark(theme, () => mark)],
  };
};

/** The last result: a small drawing of the singular values, the headline figures, and the way to the panel. */
export const resultSidebar = (view: ResultView, actions: SidebarActions): SidebarPage => {
  const values = view.singularValues;
  const nothing = h("p", { class: "muted" }, "The Jacobian has no singular values.");
  if (values.length === 0) return { element: h("div", { class: "side" }, subject(view), nothing, open(view, "Open", actions)) };
  const rank = Math.min(values.length, Math.max(1, view.cutoff.rank));
  const squares = cumulativeSquares(values);
  const finding = describeSpectrum(values, view.floor, { rank, alpha: view.cutoff.alpha }, (squares[rank - 1] ?? 0) / (view.density?.squaredNorm.value ?? squares.at(-1) ?? 1));
  const canvas = h("canvas", { testid: "sidebar-chart", role: "img", attributes: { "aria-label": finding } });
  const plot = new Plot(canvas, (theme) => configuration(theme, view, rank));
  const figures = headline(view).flatMap(({ name, value, title }) => [h("dt", { title }, formula(name)), h("dd", { title }, value)]);
  const element = h("div", { class: "side" }, subject(view), h("p", { class: "muted" }, "singular values"), h("div", { class: "plot" }, canvas),
    h("dl", { testid: "sidebar-figures" }, ...figures), open(view, "Open", actions), h("p", { class: "note" }, footline(view)));
  return { element, dispose: () => { plot.dispose(); } };
};
