import type { ResultView } from "../../../src/protocol/lens.ts";
import { decimate } from "../../../src/core/statistics.ts";
import { formatCount, formatPercent } from "../../shared/format.ts";
import { BUCKETS, type Point } from "./spectrum.ts";

/** Shares below this are drawn on the lower edge. */
const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** The ranks at which curves over ranks 1 … n are drawn: where any of them has something to show, the same for all. Cost: O(n). */
export const drawnRanks = (curves: readonly ArrayLike<number>[]): number[] => {
  const places = Array.from(curves[0] ?? [], (_, i) => Math.log(i + 1));
  return [...new Set(curves.flatMap((shares) => decimate(places, shares, BUCKETS)))].sort((a, b) => a - b).map((i) => i + 1);
};

/** A curve's points at those ranks. */
export const drawnCurve = (shares: ArrayLike<number>, ranks: readonly number[]): Point[] => ranks.map((r) => ({ x: r, y: clamp(shares[r - 1] ?? 0) }));

/** For each drawn point whether it carries a marker: `count` of them, evenly along the logarithmic axis, `phase` of a step apart. */
export const markerPoints = (points: readonly Point[], count: number, phase: number): boolean[] => {
  const end = Math.log(points.at(-1)?.x ?? 1);
  const marked = points.map(() => false);
  for (let k = 0; k < count; k++) {
    const place = (end * (k + phase)) / count;
    const index = points.findIndex((point) => Math.log(point.x) >= place - 1e-9);
    if (index >= 0) marked[index] = true;
  }
  return marked;
};

/** The finding of the drawing in words. */
export const describeCumulative = (view: Pick<ResultView, "labels" | "residual" | "randomLabels">, rank: number): string => {
  const at = (shares: ArrayLike<number>): string => formatPercent(clamp(shares[rank - 1] ?? 0));
  const parts = [
    view.labels ? `${at(view.labels.cumulative)} of the labels' squared norm` : "",
    view.residual ? `${at(view.residual.cumulative)} of the residual's` : "",
  ].filter((part) => part !== "");
  const band = view.randomLabels;
  const random = band ? ` Labels permuted at random have ${at(band.mean)} on average (5 to 95 %: ${at(band.low)} to ${at(band.high)}).` : "";
  return `Cumulative power: the first ${formatCount(rank)} directions hold ${parts.join(" and ")}.${random}`;
};
