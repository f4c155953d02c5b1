import { Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController, Tooltip, type ChartConfiguration } from "chart.js";
import { currentTheme, onThemeChange, type Theme } from "./theme.ts";

Chart.register(LineController, LineElement, LinearScale, LogarithmicScale, PointElement, ScatterController, Tooltip);

/** What a drawing is made of in a given theme and width (CSS pixels). */
export type PlotConfiguration = ChartConfiguration<"scatter">;

/** The rectangle between the axes, in CSS pixels of the canvas. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * A Chart.js drawing that follows its container's size and the user's theme. It makes itself anew when the theme changes, so `build` reads
 * every colour from its argument. Owns the canvas's drawing, not the canvas; `dispose` frees it.
 */
export class Plot {
  private chart: Chart<"scatter">;
  private readonly stopTheme: () => void;
  private readonly listeners = new Set<() => void>();

  constructor(readonly canvas: HTMLCanvasElement, private readonly build: (theme: Theme) => PlotConfiguration) {
    this.chart = this.make(currentTheme());
    this.stopTheme = onThemeChange((theme) => {
      this.chart.destroy();
      this.chart = this.make(theme);
      this.announce();
    });
  }

  /** Calls `moved` whenever the axes stand somewhere else (size, theme). */
  onLayout(moved: () => void): void {
    this.listeners.add(moved);
  }

  /** Draws again, with the same data on the same axes: what is drawn by plugins follows. Cost: about a millisecond for 1000 points. */
  redraw(): void {
    if (this.area()) this.chart.draw();
  }

  /** Null until the canvas is in the document and has a size. */
  area(): PlotArea | null {
    return this.chart.scales.x ? this.chart.chartArea : null;
  }

  /** Where a value of the x axis stands, in CSS pixels of the canvas; NaN before the first layout, as is its inverse. */
  xPixel(value: number): number {
    return this.chart.scales.x?.getPixelForValue(value) ?? NaN;
  }

  xValue(pixel: number): number {
    return this.chart.scales.x?.getValueForPixel(pixel) ?? NaN;
  }

  dispose(): void {
    this.stopTheme();
    this.listeners.clear();
    this.chart.destroy();
  }

  private make(theme: Theme): Chart<"scatter"> {
    const configuration = this.build(theme);
    const announce = { id: "layout", afterLayout: () => { queueMicrotask(() => { this.announce(); }); } };
    return new Chart(this.canvas, { ...configuration, plugins: [...(configuration.plugins ?? []), announce] });
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }
}
