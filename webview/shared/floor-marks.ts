import { faded } from "./axes.ts";
import { fitting, hatch, letters, type Mark, xPixel, yPixel } from "./canvas.ts";
import type { Theme } from "./theme.ts";

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

/** The rounding floor on an axis of singular values that runs to the right: what lies left of `value` is hatched and named along its edge. */
export const floorStrip = (theme: Theme, value: number, texts: readonly string[]): Mark => ({
  id: "floor",
  beforeDatasetsDraw: (chart) => {
    const { ctx, chartArea: { left, right, top, bottom } } = chart;
    const x = Math.min(right, xPixel(chart, value));
    if (!(x > left + 1)) return;
    ctx.save();
    ctx.strokeStyle = faded(theme.colour.muted, theme.highContrast ? 0.8 : 0.35);
    ctx.lineWidth = 1;
    hatch(ctx, left, top, x - left, bottom - top);
    ctx.strokeStyle = theme.colour.muted;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    letters(ctx, theme, theme.colour.foreground);
    ctx.textBaseline = "middle";
    const text = fitting(ctx, texts, bottom - top - 16);
    const width = ctx.measureText(text).width;
    // Written upwards, on the right of the edge: the strip itself may be narrower than a line of text.
    ctx.translate(x + 11, bottom - 6);
    ctx.rotate(-Math.PI / 2);
    ctx.fillStyle = theme.colour.background;
    if (text !== "") ctx.fillRect(-3, -8, width + 6, 16);
    ctx.fillStyle = theme.colour.foreground;
    ctx.fillText(text, 0, 0);
    ctx.restore();
  },
});
