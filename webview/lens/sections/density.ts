import type { ResultView } from "../../../src/protocol/lens.ts";
import { logAxis, plotOptions } from "../../shared/axes.ts";
import { formula, h, setText } from "../../shared/dom.ts";
import { whiskerMark } from "../../shared/error-marks.ts";
import { figure } from "../../shared/figure.ts";
import { floorStrip } from "../../shared/floor-marks.ts";
import { formatNumber } from "../../shared/format.ts";
import { bandMark, cutoffMark } from "../../shared/marks.ts";
import { Plot, type PlotConfiguration } from "../../shared/plot.ts";
import { pointMark } from "../../shared/point-marks.ts";
import type { SeriesLook } from "../../shared/series.ts";
import type { Theme } from "../../shared/theme.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { densityPicture, densityPoints, type DensityPicture, type DensityPoint } from "../model/density.ts";
import { describeDensity, massRows } from "../model/mass.ts";
import type { Section } from "./section.ts";

const WHOLE: SeriesLook = { name: "all values, per decade", colour: "spectrum", dash: [], marker: "none" };
const INFORMATION: SeriesLook = { name: "the information space’s, one by one", colour: "labels", dash: [], marker: "circle", scattered: true };
const REST: SeriesLook = { name: "all others, per decade: mean and band of the probes", colour: "spectrum", dash: [], marker: "none", band: true };
const LEADING: SeriesLook = { name: "leading values, one by one (filled: information)", colour: "labels", dash: [4, 3], marker: "circle" };

/** A logarithmic axis has no zero. */
const lifted = (value: number, lowest: number): number => Math.max(value, lowest / 2);

/** A curve; what is nothing is drawn below the lower edge, so that the curve leaves the picture there. */
const line = (theme: Theme, { x, range }: DensityPicture, y: readonly number[], look: SeriesLook): PlotConfiguration["data"]["datasets"][number] => ({
  label: look.name,
  data: x.map((value, i) => ({ x: value, y: lifted(y[i] ?? 0, range.y.low) })),
  showLine: true,
  borderColor: theme.colour[look.colour],
  backgroundColor: theme.colour[look.colour],
  borderWidth: look.dash.length > 0 ? 1.1 : 1.8,
  borderDash: [...look.dash],
  pointRadius: 0,
  pointHoverRadius: 3.5,
  pointBorderWidth: 0,
});

const configuration = (theme: Theme, picture: DensityPicture, state: CutoffState, points: () => readonly DensityPoint[]): PlotConfiguration => {
  const { x, curve, band, leading, range, floor } = picture;
  const options = plotOptions(theme, logAxis({ theme, title: "singular value λ", ...range.x }), logAxis({ theme, title: "values per decade", ...range.y }));
  const bandText = (i: number): string[] => (band ? [`band: ${formatNumber(band.low[i] ?? 0, 3)} to ${formatNumber(band.high[i] ?? 0, 3)}`] : []);
  const callbacks = {
    title: (items: { parsed: { x: number | null } }[]) => `λ = ${formatNumber(items[0]?.parsed.x ?? 0)}`,
    label: ({ datasetIndex, dataIndex }: { datasetIndex: number; dataIndex: number }) =>
      (datasetIndex > 0 ? [`leading: ${formatNumber(leading?.[dataIndex] ?? 0, 3)} per decade`] : [`${formatNumber(curve[dataIndex] ?? 0, 3)} per decade`, ...bandText(dataIndex)]),
  };
  const mark = () => {
    const alpha = Math.min(range.x.high, Math.max(range.x.low, state.current().alpha));
    return { x: alpha, left: ["nuisance"], right: [`information, α = ${formatNumber(state.current().alpha)}`, "information"] };
  };
  const edge = (values: readonly number[]): number[] => values.map((value) => Math.max(value, range.y.low));
  const floorText = `rounding floor ${formatNumber(floor, 3)}`;
  return {
    type: "scatter",
    data: { datasets: [line(theme, picture, curve, band ? REST : WHOLE), ...(leading ? [line(theme, picture, leading, LEADING)] : [])] },
    options: { ...options, plugins: { ...options.plugins, tooltip: { ...options.plugins?.tooltip, callbacks } } },
    plugins: [
      ...(band ? [bandMark(theme, x, edge(band.low), edge(band.high), "spectrum")] : []),
      floorStrip(theme, floor, [`${floorText}; below it values are noise`, floorText, "floor"]),
      cutoffMark(theme, mark, "right"),
      whiskerMark(theme, "labels", "x", points),
      pointMark(theme, "labels", 2.6, points),
    ],
  };
};

interface Column {
  readonly name: string;
  readonly values: readonly number[];
}

const columnsOf = ({ x, curve, band, leading, exact }: DensityPicture): Column[] => [
  { name: "λ", values: x },
  { name: exact ? "per decade" : "others per decade", values: curve },
  ...(band ? [{ name: "band from", values: band.low }, { name: "band to", values: band.high }] : []),
  ...(leading ? [{ name: "leading per decade", values: leading }] : []),
];

/** What leading part and rest hold of ‖J‖_F², as a list that follows the cut-off. */
const massList = (view: ResultView, state: CutoffState): HTMLElement => {
  const list = h("dl", { class: "mass", testid: "mass" });
  const shown = massRows(view, state.current().rank).map(() => ({ name: h("dt"), value: h("span"), detail: h("span", { class: "muted" }) }));
  const show = (): void => {
    massRows(view, state.current().rank).forEach((row, i) => {
      const entry = shown[i];
      if (!entry) return;
      if (entry.name.dataset.name !== row.name) entry.name.replaceChildren(formula(row.name));
      entry.name.dataset.name = row.name;
      entry.name.title = row.title;
      setText(entry.value, row.value);
      setText(entry.detail, row.detail);
    });
  };
  list.append(...shown.flatMap(({ name, value, detail }) => [name, h("dd", {}, value, detail)]));
  state.onChange(show);
  show();
  return list;
};

/**
 * The density of the singular values on a logarithmic axis, the ones known one by one as points on it, with what both hold of ‖J‖_F².
 * Null where there are too few values for a density.
 */
export const densitySection = (view: ResultView, state: CutoffState, copy: (text: string) => void): Section | null => {
  const picture = densityPicture(view);
  if (!picture) return null;
  const columns = columnsOf(picture);
  const frame = figure({
    title: picture.exact ? "Density of the singular values" : "Leading values and the density of the rest",
    canvas: "density",
    key: picture.exact ? [WHOLE, INFORMATION] : [LEADING, REST],
    copy: () => { copy([columns.map((column) => column.name).join("\t"), ...picture.x.map((_, i) => columns.map((column) => String(column.values[i] ?? "")).join("\t")), ""].join("\n")); },
    data: {
      caption: "Density of the singular values",
      columns: columns.map((column) => column.name),
      rows: picture.x.length,
      testid: "density-data",
      cell: (row, column) => formatNumber(columns[column]?.values[row] ?? NaN),
    },
  });
  const points = (): readonly DensityPoint[] => densityPoints(view, picture, state.current().rank);
  const plot = new Plot(frame.canvas, (theme) => configuration(theme, picture, state, points));
  const describe = (): void => { frame.describe(describeDensity(view, state.current().rank)); };
  state.onChange(() => {
    plot.redraw();
    describe();
  });
  describe();
  frame.element.classList.remove("figure");
  frame.element.classList.add("density", picture.exact ? "whole" : "part");
  frame.plot.after(massList(view, state));
  return { element: frame.element, dispose: () => { plot.dispose(); } };
};
