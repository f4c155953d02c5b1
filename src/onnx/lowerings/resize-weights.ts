import { float32 } from "../../core/tensor.ts";

/** How one axis is resized. @source ONNX operator specification, Resize. */
export interface AxisResize {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly coordinates: string;
  readonly mode: "nearest" | "linear" | "cubic";
  readonly rounding: string;
  readonly cubicA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
  /** Part of the axis that is cropped, as fractions; for tf_crop_and_resize. */
  readonly crop: readonly [number, number];
}

const f = Math.fround;

/** Where place `at` of the result lies in the operand. In float32, as ONNX Runtime computes it: nearest neighbours depend on it. */
export const coordinateOf = ({ from, to, scale, coordinates, crop: [start, end] }: AxisResize, at: number): number => {
  switch (coordinates) {
    case "asymmetric": return f(at / f(scale));
    case "align_corners": return to === 1 ? 0 : f(f(at * (from - 1)) / (to - 1));
    case "pytorch_half_pixel": return to > 1 ? f(f(f(at + 0.5) / f(scale)) - 0.5) : 0;
    case "tf_half_pixel_for_nn": return f(f(at + 0.5) / f(scale));
    case "tf_crop_and_resize": return to > 1 ? f(f(start * (from - 1)) + f(f(at * f(end - start) * (from - 1)) / (to - 1))) : f(0.5 * (start + end) * (from - 1));
    case "half_pixel_symmetric": {
      const adjustment = to / (f(scale) * from);
      return f((from / 2) * (1 - adjustment) + f(f(at + 0.5) / f(scale)) - 0.5);
    }
    default: return f(f(f(at + 0.5) / f(scale)) - 0.5);
  }
};

const rounded = (x: number, rounding: string, shrinks: boolean): number => {
  switch (rounding) {
    case "floor": return Math.floor(x);
    case "ceil": return Math.ceil(x);
    case "round_prefer_ceil": return Math.floor(x + 0.5);
    // The rule before opset 11.
    case "simple": return shrinks ? Math.ceil(x) : Math.floor(x);
    default: return Math.ceil(x - 0.5);
  }
};

/** For nearest neighbours: which entry each place of the result takes. */
export const nearestPlaces = (axis: AxisResize): number[] =>
  Array.from({ length: axis.to }, (_, at) => Math.min(Math.max(rounded(coordinateOf(axis, at), axis.rounding, axis.scale < 1), 0), axis.from - 1));

/** Whether a place of the result lies in the operand at all (tf_crop_and_resize may leave it). */
export const isInside = (axis: AxisResize, at: number): boolean => {
  const x = coordinateOf(axis, at);
  return axis.coordinates !== "tf_crop_and_resize" || (x >= 0 && x <= axis.from - 1);
};

/** Weight of an entry at distance d. @source Keys 1981, "Cubic convolution interpolation". */
const cubic = (d: number, a: number): number => {
  const x = Math.abs(d);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
};

const kernelOf = (axis: AxisResize): { readonly reach: number; readonly weight: (d: number) => number } =>
  axis.mode === "cubic" ? { reach: 2, weight: (d) => cubic(d, axis.cubicA) } : { reach: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) };

/**
 * Interpolation along one axis as a matrix [from, to]: column j holds the weights of the entries that make place j. Entries past the
 * edge count as the edge, or are left out where `excludeOutside` says so.
 */
export const weightMatrix = (axis: AxisResize) => {
  const { reach, weight } = kernelOf(axis);
  const stretch = axis.antialias ? Math.min(1, axis.scale) : 1;
  const data = new Float32Array(axis.from * axis.to);
  for (let at = 0; at < axis.to; at++) {
    const given = coordinateOf(axis, at);
    const x = axis.mode === "linear" && !axis.antialias ? Math.min(Math.max(given, 0), axis.from - 1) : given;
    const column = new Float64Array(axis.from);
    let total = 0;
    for (let k = Math.floor(x - reach / stretch); k <= Math.ceil(x + reach / stretch); k++) {
      const outside = k < 0 || k >= axis.from;
      if (outside && axis.excludeOutside) continue;
      const share = weight((k - x) * stretch);
      const place = Math.min(Math.max(k, 0), axis.from - 1);
      column[place] = (column[place] ?? 0) + share;
      total += share;
    }
    column.forEach((share, k) => { data[k * axis.to + at] = axis.excludeOutside || axis.antialias ? share / total : share; });
  }
  return float32([axis.from, axis.to], data);
};
