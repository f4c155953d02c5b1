import type { Chart, Plugin } from "chart.js";
import { faded } from "./axes.ts";
import type { Theme } from "./theme.ts";

type Mark = Plugin<"scatter">;

/** What the canvas draws for a split: at which x the line stands, and what is written on both sides of it, longest first. */
export interface CutoffMark {
  readonly x: number;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

const yPixel = (chart: Chart, value: number): number => chart.scales.y?.getPixelForValue(value) ?? NaN;
const xPixel = (chart: Chart, value: number): number => chart.scales.x?.getPixelForValue(value) ?? NaN;

const letters = (context: CanvasRenderingContext2D, theme: Theme, colour: string): void => {
  context.font = `${String(theme.font.size - 2)}px ${theme.font.family}`;
  context.fillStyle = colour;
};

/** The first of `texts` that fits into `width` pixels; "" when none does. */
const fitting = (context: CanvasRenderingContext2D, texts: readonly string[], width: number): string =>
  texts.find((text) => context.measureText(text).width <= width) ?? "";

/** The cut-off: a vertical line, the information side tinted, both sides named above the axes. Reads its place anew at each drawing. */
export const cutoffMark = (theme: Theme, current: () => CutoffMark): Mark => ({
  id: "cutoff",
  beforeDatasetsDraw: (chart) => {
    if (theme.highContrast) return;
    const { left, top, bottom } = chart.chartArea;
    chart.ctx.fillStyle = faded(theme.colour.cutoff, 0.07);
    chart.ctx.fillRect(left, top, Math.max(0, xPixel(chart, current().x) - left), bottom - top);
  },
  afterDatasetsDraw: (chart) => {
    const { ctx, chartArea: { left, right, top, bottom } } = chart;
    const mark = current();
    const x = xPixel(chart, mark.x);
    ctx.save();
    ctx.strokeStyle = theme.colour.cutoff;
    ctx.lineWidth = theme.highContrast ? 2 : 1.5;
    ctx.beginPath();
    ctx.moveTo(x, top - 5);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    letters(ctx, theme, theme.colour.foreground);
    ctx.textBaseline = "bottom";
    ctx.textAlign = "right";
    const leftText = fitting(ctx, mark.left, x - left - 6);
    ctx.fillText(leftText, x - 6, top - 5);
    ctx.textAlign = "left";
    // Near the left edge there is no room for what the left says: the right says it too.
    const short = leftText === "" ? mark.left.slice(-1) : [];
    ctx.fillText(fitting(ctx, [...short.flatMap((name) => mark.right.map((text) => `${name}, ${text}`)), ...short, ...mark.right], right - x - 6), x + 6, top - 5);
    ctx.restore();
  },
});

/** Diagonal lines over a rectangle, 7 px apart. */
const hatch = (context: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void => {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  for (let offset = -height; offset < width; offset += 7) {
    context.moveTo(left + offset, top + height);
    context.lineTo(left + offset + height, top);
  }
  context.stroke();
  context.restore();
};

/** The rounding floor: what lies below `value` is hatched and named. Draws nothing when the floor is below the axes. */
export const floorMark = (theme: Theme, value: number, texts: readonly string[]): Mark => ({
  id: "floor",
  beforeDatasetsDraw: (chart) => {
    const { ctx, chartArea: { left, right, top, bottom } } = chart;
    const y = Math.max(top, yPixel(chart, value));
    if (!(y < bottom - 1)) return;
    ctx.save();
    ctx.strokeStyle = faded(theme.colour.muted, theme.highContrast ? 0.8 : 0.35);
    ctx.lineWidth = 1;
    hatch(ctx, left, y, right - left, bottom - y);
    ctx.strokeStyle = theme.colour.muted;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    letters(ctx, theme, theme.colour.foreground);
    ctx.textBaseline = "middle";
    const text = fitting(ctx, texts, right - left - 16);
    const width = ctx.measureText(text).width;
    const middle = y + 11 < bottom - 8 ? y + 12 : y - 9;
    ctx.fillStyle = theme.colour.background;
    if (text !== "") ctx.fillRect(left + 5, middle - 8, width + 8, 16);
    ctx.fillStyle = theme.colour.foreground;
    ctx.fillText(text, left + 9, middle);
    ctx.restore();
  },
});

/** A band between two curves over the same x: filled, and in high contrast outlined with dots instead. */
export const bandMark = (theme: Theme, x: readonly number[], low: readonly number[], high: readonly number[]): Mark => ({
  id: "band",
  beforeDatasetsDraw: (chart) => {
    const { ctx } = chart;
    const points = (y: readonly number[]): [number, number][] => x.map((value, i) => [xPixel(chart, value), yPixel(chart, y[i] ?? 0)]);
    const trace = (path: readonly [number, number][]): void => { for (const [px, py] of path) ctx.lineTo(px, py); };
    ctx.save();
    ctx.beginPath();
    if (theme.highContrast) {
      ctx.strokeStyle = theme.colour.random;
      ctx.setLineDash([1, 3]);
      trace(points(low));
      ctx.stroke();
      ctx.beginPath();
      trace(points(high));
      ctx.stroke();
    } else {
      ctx.fillStyle = faded(theme.colour.random, 0.22);
      trace([...points(high), ...points(low).reverse()]);
      ctx.fill();
    }
    ctx.restore();
  },
});
