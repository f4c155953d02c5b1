import { color } from "chart.js/helpers";
import type { PlotConfiguration } from "./plot.ts";
import type { Theme } from "./theme.ts";
import { linearTicks, logTicks, type Tick } from "./ticks.ts";

type AxisOptions = NonNullable<NonNullable<NonNullable<PlotConfiguration["options"]>["scales"]>[string]>;

/** The part of a Chart.js axis that the tick makers need. */
interface BuiltAxis {
  readonly min: number;
  readonly max: number;
  width: number;
  readonly height: number;
  isHorizontal(): boolean;
  ticks: { value: number; label?: string | string[]; major?: boolean }[];
}

interface AxisChoice {
  readonly theme: Theme;
  /** Empty: no title. */
  readonly title: string;
  readonly low: number;
  readonly high: number;
}

/** A theme's colour with another opacity (0 … 1). */
export const faded = (css: string, opacity: number): string => {
  const parsed = color(css);
  return parsed.valid ? parsed.alpha(opacity).rgbString() : css;
};

/** Pixels left of every drawing, so that axes above and beside one another align. */
const GUTTER = 52;

/** How many numbers fit beside an axis: one every 48 px across, one every 34 px upwards. */
const room = (axis: BuiltAxis): number => Math.max(2, Math.floor(axis.isHorizontal() ? axis.width / 48 : axis.height / 34));

const styled = ({ theme, title, low, high }: AxisChoice, ticks: (axis: BuiltAxis) => Tick[]): AxisOptions => {
  const major = faded(theme.colour.lines, theme.highContrast ? 0.25 : 0.18);
  const font = { family: theme.font.family, size: Math.max(10, theme.font.size - 2) };
  return {
    min: low,
    max: high,
    bounds: "data",
    border: { color: theme.colour.lines },
    grid: {
      color: (context: { tick?: { major?: boolean } }) => (context.tick?.major ? major : "transparent"),
      tickColor: faded(theme.colour.lines, theme.highContrast ? 1 : 0.6),
      tickLength: 5,
    },
    ticks: {
      autoSkip: false,
      maxRotation: 0,
      color: theme.colour.muted,
      font,
      callback: (_value: number | string, index: number, all: { label?: string | string[] }[]) => all[index]?.label ?? "",
    },
    title: { display: title !== "", text: title, color: theme.colour.foreground, font, padding: 2 },
    afterBuildTicks: (axis: BuiltAxis) => { axis.ticks = ticks(axis).map((tick) => ({ ...tick })); },
    afterFit: (axis: BuiltAxis) => { if (!axis.isHorizontal() && title !== "") axis.width = Math.max(axis.width, GUTTER); },
  };
};

const isWhole = (tick: Tick): boolean => Number.isInteger(Number(tick.value.toPrecision(12)));

/** A logarithmic axis of counts: numbered at whole numbers only. */
export const rankAxis = (choice: AxisChoice): AxisOptions =>
  ({ type: "logarithmic", ...styled(choice, (axis) => logTicks(axis.min, axis.max, room(axis)).filter(isWhole)) }) as AxisOptions;

/** A logarithmic axis from `low` > 0 to `high`, numbered by powers of ten. */
export const logAxis = (choice: AxisChoice): AxisOptions =>
  ({ type: "logarithmic", ...styled(choice, (axis) => logTicks(axis.min, axis.max, room(axis))) }) as AxisOptions;

/** A linear axis from `low` to `high`. */
export const linearAxis = (choice: AxisChoice): AxisOptions =>
  ({ type: "linear", ...styled(choice, (axis) => linearTicks(axis.min, axis.max, room(axis))) }) as AxisOptions;

/** Options all drawings share: no animation (it is an instrument), the nearest point along x answers the pointer. */
export const plotOptions = (theme: Theme, x: AxisOptions, y: AxisOptions): NonNullable<PlotConfiguration["options"]> => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  normalized: true,
  parsing: false,
  interaction: { mode: "nearest", axis: "x", intersect: false },
  layout: { padding: { top: 22, right: 10 } },
  scales: { x, y },
  plugins: {
    tooltip: {
      animation: false,
      displayColors: false,
      backgroundColor: theme.colour["hover-background"],
      titleColor: theme.colour["hover-foreground"],
      bodyColor: theme.colour["hover-foreground"],
      borderColor: theme.colour["hover-border"],
      borderWidth: 1,
      cornerRadius: 3,
      caretSize: 0,
      caretPadding: 12,
      titleFont: { family: theme.font.family, size: theme.font.size - 1 },
      bodyFont: { family: theme.font.family, size: theme.font.size - 1 },
    },
  },
});
