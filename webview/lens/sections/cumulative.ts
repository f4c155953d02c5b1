import type { ResultView } from "../../../src/protocol/lens.ts";
import { linearAxis, plotOptions, rankAxis } from "../../shared/axes.ts";
import { figure } from "../../shared/figure.ts";
import { formatCount, formatShare } from "../../shared/format.ts";
import { bandMark, cutoffMark } from "../../shared/marks.ts";
import { Plot, type PlotConfiguration } from "../../shared/plot.ts";
import type { SeriesLook } from "../../shared/series.ts";
import { toTsv, type Table } from "../../shared/tabular.ts";
import type { Theme } from "../../shared/theme.ts";
import { attachCutoffSlider } from "../cutoff-slider.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { describeCumulative, drawnCurve, drawnRanks, markerPoints } from "../model/cumulative.ts";
import { splitPosition } from "../model/cutoff.ts";
import { rankRange } from "../model/spectrum.ts";
import type { Section } from "./section.ts";

/** Markers along a curve. */
const MARKERS = 9;

interface Curve {
  readonly look: SeriesLook;
  readonly shares: Float64Array;
}

const LABELS: SeriesLook = { name: "labels y", colour: "labels", dash: [], marker: "circle" };
const RESIDUAL: SeriesLook = { name: "residual r", colour: "residual", dash: [7, 4], marker: "rectRot" };
const RANDOM: SeriesLook = { name: "random labels, 5–95 %", colour: "random", dash: [2, 3], marker: "none", band: true };

const curvesOf = (view: ResultView): Curve[] => [
  ...(view.labels ? [{ look: LABELS, shares: view.labels.cumulative }] : []),
  ...(view.residual ? [{ look: RESIDUAL, shares: view.residual.cumulative }] : []),
  ...(view.randomLabels ? [{ look: RANDOM, shares: view.randomLabels.mean }] : []),
];

const dataset = (theme: Theme, { look, shares }: Curve, ranks: readonly number[], index: number): PlotConfiguration["data"]["datasets"][number] => {
  const points = drawnCurve(shares, ranks);
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
  const axis = rankAxis({ theme, title: "rank r", ...rankRange(view.singularValues.length) });
  const options = plotOptions(theme, axis, linearAxis({ theme, title: "share of ‖z‖² in the first r", low: 0, high: 1 }));
  const band = view.randomLabels;
  const ranks = drawnRanks(curves.map((curve) => curve.shares));
  const at = (shares: Float64Array): number[] => ranks.map((r) => shares[r - 1] ?? 0);
  const callbacks = {
    title: (items: { parsed: { x: number | null } }[]) => `r = ${formatCount(items[0]?.parsed.x ?? 0)}`,
    label: (item: { parsed: { y: number | null }; dataset: { label?: string | undefined } }) => `${item.dataset.label ?? ""}: ${formatShare(item.parsed.y)}`,
  };
  return {
    type: "scatter",
    data: { datasets: curves.map((curve, i) => dataset(theme, curve, ranks, i)) },
    options: { ...options, plugins: { ...options.plugins, tooltip: { ...options.plugins?.tooltip, callbacks } } },
    plugins: [
      ...(band ? [bandMark(theme, ranks, at(band.low), at(band.high))] : []),
      cutoffMark(theme, () => ({ x: splitPosition(state.current().rank), left: [`r = ${formatCount(state.current().rank)}`], right: [] })),
    ],
  };
};

interface Column {
  readonly name: string;
  readonly shares: Float64Array;
}

const columnsOf = (view: ResultView): Column[] => [
  ...(view.labels ? [{ name: "labels", shares: view.labels.cumulative }] : []),
  ...(view.residual ? [{ name: "residual", shares: view.residual.cumulative }] : []),
  ...(view.randomLabels
    ? [{ name: "random mean", shares: view.randomLabels.mean }, { name: "random 5 %", shares: view.randomLabels.low }, { name: "random 95 %", shares: view.randomLabels.high }]
    : []),
];

/** The numbers at every rank, at full precision. */
const wholeTable = (columns: readonly Column[], count: number): Table => ({
  columns: [{ text: "r" }, ...columns.map((column) => ({ text: column.name }))],
  rows: Array.from({ length: count }, (_, i) => ({ name: String(i + 1), cells: columns.map((column) => column.shares[i] ?? null) })),
});

/** Cumulative power of labels and residual over the rank, against labels permuted at random. Null when there is no vector to show. */
export const cumulativeSection = (view: ResultView, state: CutoffState, copy: (text: string) => void): Section | null => {
  const curves = curvesOf(view);
  if (curves.length === 0) return null;
  const columns = columnsOf(view);
  const frame = figure({
    title: "Cumulative power",
    canvas: "cumulative",
    key: curves.map((curve) => curve.look),
    copy: () => { copy(toTsv(wholeTable(columns, view.singularValues.length))); },
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
