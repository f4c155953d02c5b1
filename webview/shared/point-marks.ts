import { type Mark, xPixel, yPixel } from "./canvas.ts";
import type { Colour, Theme } from "./theme.ts";

/** A point drawn over a chart's data. */
export interface MarkedPoint {
  readonly x: number;
  readonly y: number;
  /** Filled or hollow: told apart without colour. */
  readonly filled: boolean;
}

/** Points nearer to the last one drawn than this are left out: they could not be told apart. */
const APART = 2.5;

/** Points that change while a cut-off is dragged: read anew at each drawing, left out where they would cover one another. In order of x. */
export const pointMark = (theme: Theme, colour: Colour, radius: number, points: () => readonly MarkedPoint[]): Mark => ({
  id: `points-${colour}`,
  afterDatasetsDraw: (chart) => {
    const { ctx } = chart;
    ctx.save();
    ctx.strokeStyle = theme.colour[colour];
    ctx.lineWidth = 1.2;
    let last: { readonly pixel: number; readonly filled: boolean } | null = null;
    for (const point of points()) {
      const pixel = xPixel(chart, point.x);
      if (last !== null && last.filled === point.filled && Math.abs(pixel - last.pixel) < APART) continue;
      last = { pixel, filled: point.filled };
      ctx.fillStyle = point.filled ? theme.colour[colour] : theme.colour.background;
      ctx.beginPath();
      ctx.arc(pixel, yPixel(chart, point.y), radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  },
});
