import { gapAt } from "../../../src/core/split.ts";
import type { ResultView } from "../../../src/protocol/lens.ts";
import { logAxis, plotOptions, rankAxis } from "../../shared/axes.ts";
import { whiskerMark } from "../../shared/error-marks.ts";
import { figure } from "../../shared/figure.ts";
import { formatCount, formatNumber, formatPercent } from "../../shared/format.ts";
import { floorMark } from "../../shared/floor-marks.ts";
import { cutoffMark } from "../../shared/marks.ts";
import { Plot, type PlotConfiguration } from "../../shared/plot.ts";
import type { Theme } from "../../shared/theme.ts";
import { attachCutoffSlider } from "../cutoff-slider.ts";
import type { CutoffState } from "../cutoff-state.ts";
import { splitPosition } from "../model/cutoff.ts";
import { errorAt, errorText } from "../model/errors.ts";
import { cumulativeSquares, describeSpectrum, drawnSpectrum, rankRange, spectrumNote, valueRange, whiskers, type Point } from "../model/spectrum.ts";
import { spectrumCurve } from "../spectrum-curve.ts";
import type { Section } from "./section.ts";

const configuration = (theme: Theme, view: ResultView, points: Point[], state: CutoffState): PlotConfiguration => {
  const values = view.singularValues;
  const size = { x: rankRange(values.length), y: valueRange(values, view.floor) };
  const options = plotOptions(theme, rankAxis({ theme, title: "index r", ...size.x }), logAxis({ theme, title: "singular value λᵣ", ...size.y }));
  const tooltip = {
    title: (items: { parsed: { x: number | null } }[]) => `r = ${formatCount(items[0]?.parsed.x ?? 0)}`,
    label: ({ parsed: { x, y } }: { parsed: { x: number | null; y: number | null } }) => [`λ = ${formatNumber(y)} ${errorText(view.errors, (x ?? 0) - 1)}`.trimEnd(), `λ/λ₁ = ${formatNumber((y ?? NaN) / (values[0] ?? NaN))}`],
  };
  const mark = () => {
    const { rank } = state.current();
    return { x: splitPosition(rank), left: [`information, r = ${formatCount(rank)}`, `r = ${formatCount(rank)}`], right: ["nuisance"] };
  };
  const bars = whiskers(points, view.errors);
  const floorText = `rounding floor ${formatNumber(view.floor, 3)}`;
  return {
    type: "scatter",
    data: { datasets: [spectrumCurve(theme, points, 2.5)] },
    options: { ...options, plugins: { ...options.plugins, tooltip: { ...options.plugins?.tooltip, callbacks: tooltip } } },
    plugins: [floorMark(theme, view.floor, [`${floorText}; below it values are noise`, floorText, "floor"]), whiskerMark(theme, "spectrum", "y", () => bars), cutoffMark(theme, mark)],
  };
};

/** The singular values on logarithmic axes, with the rounding floor and the cut-off to drag. */
export const spectrumSection = (view: ResultView, state: CutoffState, copy: (text: string) => void): Section => {
  const values = view.singularValues;
  const points = drawnSpectrum(values);
  const squares = cumulativeSquares(values);
  const total = view.density?.squaredNorm.value ?? squares.at(-1) ?? 0;
  const heldShare = (r: number): number => (squares[r - 1] ?? 0) / total;
  const bars = view.errors !== null;
  const cells = (r: number): string[] => [formatCount(r), formatNumber(values[r - 1] ?? NaN, 6), ...(bars ? [formatNumber(errorAt(view.errors, r - 1), 2)] : []), formatNumber(gapAt(values, r), 5), formatPercent(heldShare(r))];
  const frame = figure({
    title: view.facts.method === "sketch" ? "Singular values, a preview" : "Singular values",
    canvas: "singular-values",
    note: spectrumNote(view),
    copy: () => { copy([["r", "singular value", ...(bars ? ["error bound"] : [])].join("\t"), ...Array.from(values, (value, i) => [i + 1, value, ...(bars ? [errorAt(view.errors, i) ?? ""] : [])].join("\t")), ""].join("\n")); },
    data: {
      caption: "Singular values",
      columns: ["r", "λ_r", ...(bars ? ["± at most"] : []), "λ_r/λ_{r+1}", "share of ‖J‖²"],
      rows: values.length,
      testid: "singular-values-data",
      cell: (row, column) => cells(row + 1)[column] ?? "",
    },
  });
  const plot = new Plot(frame.canvas, (theme) => configuration(theme, view, points, state));
  attachCutoffSlider(frame.plot, plot, state, "cutoff-slider");
  const describe = (): void => { frame.describe(describeSpectrum(values, view.floor, state.current(), heldShare(state.current().rank))); };
  state.onChange(describe);
  describe();
  return { element: frame.element, dispose: () => { plot.dispose(); } };
};
