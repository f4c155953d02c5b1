import type { PlotConfiguration } from "../shared/plot.ts";
import type { Theme } from "../shared/theme.ts";
import type { Point } from "./model/spectrum.ts";

/** Points closer than this share of the axis are a line; further apart each gets its dot. */
const DOT_SPACING = 0.011;

/** For each point of a falling curve over a logarithmic axis whether it stands apart from the one before. */
export const standsApart = (points: readonly Point[], spacing = DOT_SPACING): boolean[] => {
  const span = Math.log(Math.max(2, points.at(-1)?.x ?? 2));
  let last = -Infinity;
  return points.map(({ x }) => {
    const apart = (Math.log(x) - last) / span >= spacing;
    last = Math.log(x);
    return apart;
  });
};

/** The curve of a spectrum: a line, with dots of `radius` pixels where values stand apart. */
export const spectrumCurve = (theme: Theme, points: Point[], radius: number): PlotConfiguration["data"]["datasets"][number] => ({
  data: points,
  showLine: true,
  borderColor: theme.colour.spectrum,
  backgroundColor: theme.colour.spectrum,
  borderWidth: 1.5,
  pointRadius: standsApart(points).map((apart) => (points.length === 1 ? radius + 2 : apart ? radius : 0)),
  pointHoverRadius: radius + 1.5,
  pointBorderWidth: 0,
});
