import { faded } from "./axes.ts";
import { fitting, hatch, letters, type Mark, xPixel, yPixel } from "./canvas.ts";
import type { Theme } from "./theme.ts";

/** A rectangle of a canvas: left, top, width, height. */
type Box = readonly [number, number, number, number];

/** Hatches what lies under the floor and draws its edge; letters are set for its name. */
const drawFloor = (ctx: CanvasRenderingContext2D, theme: Theme, [x, y, width, height]: Box, edge: readonly [number, number, number, number]): void => {
  ctx.strokeStyle = faded(theme.colour.muted, theme.highContrast ? 0.8 : 0.35);
  ctx.lineWidth = 1;
  hatch(ctx, x, y, width, height);
  ctx.strokeStyle = theme.colour.muted;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(edge[0], edge[1]);
  ctx.lineTo(edge[2], edge[3]);
  ctx.stroke();
  letters(ctx, theme, theme.colour.foreground);
  ctx.textBaseline = "middle";
};

/** The floor's name on a ground of the background's colour, unless it is empty. */
const nameFloor = (ctx: CanvasRenderingContext2D, theme: Theme, text: string, [x, y, width, height]: Box, at: readonly [number, number]): void => {
  ctx.fillStyle = theme.colour.background;
  if (text !== "") ctx.fillRect(x, y, width, height);
  ctx.fillStyle = theme.colour.foreground;
  ctx.fillText(text, at[0], at[1]);
};

/** The rounding floor: what lies below `value` is hatched and named. Draws nothing when the floor is below the axes. */
export const floorMark = (theme: Theme, value: number, texts: readonly string[]): Mark => ({
  id: "floor",
  beforeDatasetsDraw: (chart) => {
    const { ctx, chartArea: { left, right, top, bottom } } = chart;
    const y = Math.max(top, yPixel(chart, value));
    if (!(y < bottom - 1)) return;
    ctx.save();
    drawFloor(ctx, theme, [left, y, right - left, bottom - y], [left, y, right, y]);
    const text = fitting(ctx, texts, right - left - 16);
    const width = ctx.measureText(text).width;
    const middle = y + 11 < bottom - 8 ? y + 12 : y - 9;
    nameFloor(ctx, theme, text, [left + 5, middle - 8, width + 8, 16], [left + 9, middle]);
    ctx.restore();
  },
});

/** The rounding floor on an axis of singular values that runs to the right: what lies left of `value` is hatched and named along its edge. */
export const floorStrip = (theme: Theme, value: number, texts: readonly string[]): Mark => ({
  id: "floor",
  beforeDatasetsDraw: (chart) => {
    const { ctx, chartArea: { left, right, top, bottom } } = chart;
    const x = Math.min(right, xPixel(chart, value));
    if (!(x > left + 1)) return;
    ctx.save();
    drawFloor(ctx, theme, [left, top, x - left, bottom - top], [x, top, x, bottom]);
    const text = fitting(ctx, texts, bottom - top - 16);
    const width = ctx.measureText(text).width;
    // Written upwards, on the right of the edge: the strip itself may be narrower than a line of text.
    ctx.translate(x + 11, bottom - 6);
    ctx.rotate(-Math.PI / 2);
    nameFloor(ctx, theme, text, [-3, -8, width + 6, 16], [0, 0]);
    ctx.restore();
  },
});
