import type { ResultView } from "../../../src/protocol/lens.ts";
import { linearAxis, plotOptions, rankAxis } from "../../shared/axes.ts";
import { figure } from "../../shared/figure.ts";
import { formatCount, formatShare } from "../../shared/format.ts";
import { bandMark, cutoffMark } from "../../shared/marks.ts";
import { Plot, type PlotConfiguration } from "../../shared/plot.ts";
import type { SeriesLook } from "../../shared/series.ts";
import type { Theme } from "../../shared/theme.ts";
import { attachCutoffSlider } from "../cutoff-slider.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { describeCumulative, drawnCurve, markerPoints } from "../model/cumulative.ts";
import { splitPosition } from "../model/cutoff.ts";
import { rankRange } from "../model/spectrum.ts";
import type { Section } from "./section.ts";

/** Markers along a curve. */
const MARKERS = 9;

interface Curve {
  readonly look: SeriesLook;
  readonly shares: Float64Array;
}

const curvesOf = (view: ResultView): Curve[] => [
  ...(view.labels ? [{ look: { name: "labels y", colour: "labels", dash: [], marker: "circle" } as const, shares: view.labels.cumulative }] : []),
  ...(view.residual ? [{ look: { name: "residual r", colour: "residual", dash: [7, 4], marker: "rectRot" } as const, shares: view.residual.cumulative }] : []),
  ...(view.randomLabels ? [{ look: { name: "random labels, 5–95 %", colour: "random", dash: [2, 3], marker: "none", band: true } as const, shares: view.randomLabels.mean }] : []),
];

const dataset = (theme: Theme, { look, shares }: Curve, index: number): PlotConfiguration["data"]["datasets"][number] => {
  const points = drawnCurve(shares);
  const marked = look.marker === "none" ? [] : markerPoints(points, MARKERS, 0.5 + 0.3 * index);
  return {
    label: look.name,
    data: points,
    showLine: true,
    clip: 6,
    borderColor: theme.colour[look.colour],
    backgroundColor: theme.colour[look.colour],
    borderWidth: look.marker === "none" ? 1.2 : 1.8,
    borderDash: [...look.dash],
    pointStyle: look.marker === "none" ? "circle" : look.marker,
    pointRadius: points.map((_, i) => (points.length === 1 ? 4 : marked[i] ? 3.5 : 0)),
    pointHoverRadius: 4,
    pointBorderWidth: 0,
  };
};

const configuration = (theme: Theme, view: ResultView, curves: readonly Curve[], state: CutoffState): PlotConfiguration => {
  const options = plotOptions(theme, rankAxis({ theme, title: "rank r", ...rankRange(view.singularValues.length) }), linearAxis({ theme, title: "share of ‖z‖² in the first r", low: 0, high: 1 }));
  const band = view.randomLabels;
  const low = band ? drawnCurve(band.low) : [];
  const ranks = low.map((point) => point.x);
  const at = (shares: Float64Array): number[] => ranks.map((r) => shares[r - 1] ?? 0);
  const callbacks = {
    title: (items: { parsed: { x: number | null } }[]) => `r = ${formatCount(items[0]?.parsed.x ?? 0)}`,
    label: (item: { parsed: { y: number | null }; dataset: { label?: string | undefined } }) => `${item.dataset.label ?? ""}: ${formatShare(item.parsed.y)}`,
  };
  return {
    type: "scatter",
    data: { datasets: curves.map((curve, i) => dataset(theme, curve, i)) },
    options: { ...options, interaction: { mode: "index", axis: "x", intersect: false }, plugins: { ...options.plugins, tooltip: { ...options.plugins?.tooltip, mode: "nearest", callbacks } } },
    plugins: [
      ...(band ? [bandMark(theme, ranks, at(band.low), at(band.high))] : []),
      cutoffMark(theme, () => ({ x: splitPosition(state.current().rank), left: [`r = ${formatCount(state.current().rank)}`], right: [] })),
    ],
  };
};

const columnsOf = (view: ResultView): { readonly name: string; readonly shares: Float64Array }[] => [
  ...(view.labels ? [{ name: "labels", shares: view.labels.cumulative }] : []),
  ...(view.residual ? [{ name: "residual", shares: view.residual.cumulative }] : []),
  ...(view.randomLabels ? [{ name: "random mean", shares: view.randomLabels.mean }, { name: "random 5 %", shares: view.randomLabels.low }, { name: "random 95 %", shares: view.randomLabels.high }] : []),
];

/** Cumulative power of labels and residual over the rank, against labels permuted at random. Null when there is no vector to show. */
export const cumulativeSection = (view: ResultView, state: CutoffState, copy: (text: string) => void): Section | null => {
  const curves = curvesOf(view);
  if (curves.length === 0) return null;
  const columns = columnsOf(view);
  const frame = figure({
    title: "Cumulative power",
    canvas: "cumulative",
    key: curves.map((curve) => curve.look),
    copy: () => { copy([["r", ...columns.map((column) => column.name)].join("\t"), ...Array.from(view.singularValues, (_, i) => [i + 1, ...columns.map((column) => column.shares[i] ?? "")].join("\t"))].join("\n")); },
    data: {
      caption: "Cumulative power: share of the squared norm in the first r directions",
      columns: ["r", ...columns.map((column) => column.name)],
      rows: view.singularValues.length,
      testid: "cumulative-data",
      cell: (row, column) => (column === 0 ? formatCount(row + 1) : formatShare(columns[column - 1]?.shares[row] ?? null)),
    },
  });
  const plot = new Plot(frame.canvas, (theme) => configuration(theme, view, curves, state));
  attachCutoffSlider(frame.plot, plot, state, "cutoff-slider-cumulative");
  const describe = (): void => { frame.describe(describeCumulative(view, state.current().rank)); };
  state.onChange(describe);
  describe();
  return { element: frame.element, dispose: () => { plot.dispose(); } };
};
