import type { Chart, Plugin } from "chart.js";
import type { Theme } from "./theme.ts";

/** Something drawn on a chart beside its data. */
export type Mark = Plugin<"scatter">;

/** Where a value of an axis stands, in CSS pixels of the canvas; NaN before the first layout. */
export const yPixel = (chart: Chart, value: number): number => chart.scales.y?.getPixelForValue(value) ?? NaN;
export const xPixel = (chart: Chart, value: number): number => chart.scales.x?.getPixelForValue(value) ?? NaN;

/** Sets the size and colour of what is written next. */
export const letters = (context: CanvasRenderingContext2D, theme: Theme, colour: string): void => {
  context.font = `${String(theme.font.size - 2)}px ${theme.font.family}`;
  context.fillStyle = colour;
};

/** The first of `texts` that fits into `width` pixels; "" when none does. */
export const fitting = (context: CanvasRenderingContext2D, texts: readonly string[], width: number): string =>
  texts.find((text) => context.measureText(text).width <= width) ?? "";

/** Diagonal lines over a rectangle, 7 px apart. */
export const hatch = (context: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void => {
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
