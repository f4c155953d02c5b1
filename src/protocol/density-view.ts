import type { DensityFacts } from "../analysis/result.ts";

/** The density of a result as the panel draws it: `DensityFacts` with arrays made for drawing. Owned by the view. */
export interface DensityView extends Omit<DensityFacts, "axis" | "mean" | "low" | "high" | "leading"> {
  /** log10 λ, equally spaced. */
  readonly axis: Float64Array;
  /** Singular values per decade beyond the leading ones: mean over the probes, and a band about it. */
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The leading singular values, each as a bump of the same width. */
  readonly leading: Float64Array;
}

/** JSON knows no infinity: an upper end that is none is null, whether the result comes from memory or from a file. */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** A copy for the panel; null stays null. Cost: linear in the length of the axis. */
export const densityViewOf = (density: DensityFacts | null): DensityView | null =>
  density && {
    axis: Float64Array.from(density.axis),
    mean: Float64Array.from(density.mean),
    low: Float64Array.from(density.low),
    high: Float64Array.from(density.high),
    leading: Float64Array.from(density.leading),
    count: density.count,
    belowFloor: density.belowFloor,
    floor: density.floor,
    certainZeros: density.certainZeros,
    ...(density.probes === undefined ? {} : { probes: density.probes }),
    ...(density.steps === undefined ? {} : { steps: density.steps }),
    squaredNorm: { ...density.squaredNorm, high: finite(density.squaredNorm.high) },
    tailMass: { ...density.tailMass, high: finite(density.tailMass.high) },
    rest: { ...density.rest, bound: finite(density.rest.bound) },
  };
