import type { Chart } from "chart.js";
import { type Mark, xPixel, yPixel } from "./canvas.ts";
import type { Colour, Theme } from "./theme.ts";

/** A value with its error bar, in units of the axes. */
export interface Whisker {
  readonly x: number;
  readonly y: number;
  /** The ends of the bar on the axis it lies along; an end ≤ 0 is beyond a logarithmic axis. */
  readonly low: number;
  readonly high: number;
}

/** Bars shorter than this are no longer than the line they stand on. */
const VISIBLE = 3;
/** Half the width of the little lines at both ends. */
const CAP = 3;

/** The ends of a bar in pixels, kept within [first, last]. */
const ends = (low: number, high: number, first: number, last: number): readonly [number, number] => {
  const inside = (pixel: number): number => Math.min(Math.max(pixel, Math.min(first, last)), Math.max(first, last));
  return [inside(Number.isFinite(low) ? low : first), inside(high)];
};

const upright = (chart: Chart, { x, low, high }: Whisker): void => {
  const { ctx, chartArea: { top, bottom } } = chart;
  const [from, to] = ends(low > 0 ? yPixel(chart, low) : NaN, yPixel(chart, high), bottom, top);
  if (Math.abs(from - to) < VISIBLE) return;
  const middle = xPixel(chart, x);
  ctx.moveTo(middle, from);
  ctx.lineTo(middle, to);
  for (const end of [from, to]) {
    ctx.moveTo(middle - CAP, end);
    ctx.lineTo(middle + CAP, end);
  }
};

const level = (chart: Chart, { y, low, high }: Whisker): void => {
  const { ctx, chartArea: { left, right } } = chart;
  const [from, to] = ends(low > 0 ? xPixel(chart, low) : NaN, xPixel(chart, high), left, right);
  if (Math.abs(from - to) < VISIBLE) return;
  const middle = yPixel(chart, y);
  ctx.moveTo(from, middle);
  ctx.lineTo(to, middle);
  for (const end of [from, to]) {
    ctx.moveTo(end, middle - CAP);
    ctx.lineTo(end, middle + CAP);
  }
};

/** Error bars along one axis, drawn under the data and only where they are long enough to be seen. Reads them anew at each drawing. */
export const whiskerMark = (theme: Theme, colour: Colour, along: "x" | "y", whiskers: () => readonly Whisker[]): Mark => ({
  id: `whiskers-${along}`,
  beforeDatasetsDraw: (chart) => {
    const { ctx } = chart;
    ctx.save();
    ctx.strokeStyle = theme.colour[colour];
    ctx.globalAlpha = theme.highContrast ? 1 : 0.7;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const whisker of whiskers()) (along === "y" ? upright : level)(chart, whisker);
    ctx.stroke();
    ctx.restore();
  },
});
