import { faded } from "./axes.ts";
import { fitting, letters, type Mark, xPixel, yPixel } from "./canvas.ts";
import type { Colour, Theme } from "./theme.ts";

/** What the canvas draws for a split: at which x the line stands, and what is written on both sides of it, longest first. */
export interface CutoffMark {
  readonly x: number;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/**
 * The cut-off: a vertical line, the information side tinted (`inside`), both sides named above the axes. Reads its place anew at each drawing.
 */
export const cutoffMark = (theme: Theme, current: () => CutoffMark, inside: "left" | "right" = "left"): Mark => ({
  id: "cutoff",
  beforeDatasetsDraw: (chart) => {
    if (theme.highContrast) return;
    const { left, right, top, bottom } = chart.chartArea;
    const x = Math.min(right, Math.max(left, xPixel(chart, current().x)));
    const [from, to] = inside === "left" ? [left, x] : [x, right];
    chart.ctx.fillStyle = faded(theme.colour.cutoff, 0.07);
    chart.ctx.fillRect(from, top, to - from, bottom - top);
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

/** A band between two curves over the same x: filled, and in high contrast outlined with dots instead. */
export const bandMark = (theme: Theme, x: readonly number[], low: readonly number[], high: readonly number[], colour: Colour = "random"): Mark => ({
  id: "band",
  beforeDatasetsDraw: (chart) => {
    const { ctx } = chart;
    const points = (y: readonly number[]): [number, number][] => x.map((value, i) => [xPixel(chart, value), yPixel(chart, y[i] ?? 0)]);
    const trace = (path: readonly [number, number][]): void => { for (const [px, py] of path) ctx.lineTo(px, py); };
    ctx.save();
    ctx.beginPath();
    if (theme.highContrast) {
      ctx.strokeStyle = theme.colour[colour];
      ctx.setLineDash([1, 3]);
      trace(points(low));
      ctx.stroke();
      ctx.beginPath();
      trace(points(high));
      ctx.stroke();
    } else {
      ctx.fillStyle = faded(theme.colour[colour], 0.22);
      trace([...points(high), ...points(low).reverse()]);
      ctx.fill();
    }
    ctx.restore();
  },
});
