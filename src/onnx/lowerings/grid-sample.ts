import type { GraphBuilder } from "../builder.ts";
import { intAttribute, stringAttribute } from "../graph.ts";
import { lowering, need } from "../lowering.ts";
import type { Value } from "../value.ts";

type Padding = "zeros" | "border" | "reflection";

interface Sampling {
  readonly g: GraphBuilder;
  /** x as [N, C, entries]. */
  readonly x: Value;
  readonly sizes: readonly number[];
  readonly padding: Padding;
  readonly aligned: boolean;
}

const clamp = (g: GraphBuilder, x: Value, low: number, high: number): Value => g.min(g.max(x, g.scalar(low, x)), g.scalar(high, x));

/** A coordinate mirrored at both ends until it lies between them. */
const reflected = (g: GraphBuilder, x: Value, low: number, high: number): Value => {
  if (high <= low) return g.expand(g.scalar(low, x), x.shape);
  const span = high - low;
  const distance = g.unary("Abs", g.shift(x, -low));
  const turns = g.unary("Floor", g.scale(distance, 1 / span));
  const rest = g.sub(distance, g.scale(turns, span));
  const half = g.scale(turns, 0.5);
  return g.where(g.equal(half, g.unary("Floor", half)), g.shift(rest, low), g.sub(g.scalar(high, x), rest));
};

/** A coordinate brought into the image as the padding says; zeros leave it where it is. */
const bounded = ({ g, padding, aligned }: Sampling, x: Value, size: number): Value => {
  if (padding === "border") return clamp(g, x, 0, size - 1);
  if (padding === "zeros") return x;
  return clamp(g, aligned ? reflected(g, x, 0, size - 1) : reflected(g, x, -0.5, size - 0.5), 0, size - 1);
};

/** The entries at whole coordinates (one per axis, [N, P] each); outside of the image 0, or as the padding says. */
const entries = (sampling: Sampling, places: readonly Value[]): Value => {
  const { g, x, sizes, padding } = sampling;
  const [n = 1, c = 1] = x.shape;
  const count = places[0]?.shape[1] ?? 0;
  const inside = places.map((place, i) => clamp(g, padding === "reflection" ? bounded(sampling, place, sizes[i] ?? 1) : place, 0, (sizes[i] ?? 1) - 1));
  const flat = inside.reduce<Value | undefined>((sum, place, i) => {
    const whole = g.cast(place, "int64");
    return sum ? g.add(g.mul(sum, g.scalar(sizes[i] ?? 1, whole)), whole) : whole;
  }, undefined);
  if (!flat) throw new Error("a grid has coordinates");
  const picked = g.op("GatherElements", [x, g.expand(g.reshape(flat, [n, 1, count]), [n, c, count])], [n, c, count], x.dtype, { axis: 2 });
  if (padding !== "zeros") return picked;
  const kept = places.map((place, i) => g.mask(g.equal(place, clamp(g, place, 0, (sizes[i] ?? 1) - 1)), x.dtype)).reduce((a, b) => g.mul(a, b));
  return g.mul(picked, g.reshape(kept, [n, 1, count]));
};

/** Weights of neighbours at offsets from the floor of a coordinate, given its fraction. */
const linearTaps = (g: GraphBuilder, t: Value): readonly (readonly [number, Value])[] => [[0, g.sub(g.scalar(1, t), t)], [1, t]];

/** @source Keys 1981, with a = −0.75. */
const cubicTaps = (g: GraphBuilder, t: Value): readonly (readonly [number, Value])[] => {
  const a = -0.75;
  const poly = (d: Value, coefficients: readonly number[]): Value => coefficients.slice(1).reduce((sum, c) => g.shift(g.mul(sum, d), c), g.expand(g.scalar(coefficients[0] ?? 0, d), d.shape));
  const near = (d: Value): Value => poly(d, [a + 2, -(a + 3), 0, 1]);
  const far = (d: Value): Value => poly(d, [a, -5 * a, 8 * a, -4 * a]);
  const from = (offset: number): Value => (offset <= 0 ? g.shift(t, -offset) : g.sub(g.scalar(offset, t), t));
  return [[-1, far(from(-1))], [0, near(from(0))], [1, near(from(1))], [2, far(from(2))]];
};

/** Σ over the product of the taps of every axis. */
const interpolated = (sampling: Sampling, coordinates: readonly Value[], taps: typeof linearTaps): Value => {
  const { g, x } = sampling;
  const [n = 1] = x.shape;
  const floors = coordinates.map((value) => g.unary("Floor", value));
  const perAxis = coordinates.map((value, i) => taps(g, g.sub(value, floors[i] ?? value)));
  const corners = perAxis.reduce<{ places: Value[]; weight?: Value }[]>((all, axis, i) => all.flatMap(({ places, weight }) => axis.map(([offset, share]) => {
    const floor = floors[i] ?? share;
    return { places: [...places, g.shift(floor, offset)], weight: weight ? g.mul(weight, share) : share };
  })), [{ places: [] }]);
  const sum = g.sumOf(...corners.map(({ places, weight }) => weight && g.mul(entries(sampling, places), g.reshape(weight, [n, 1, weight.shape[1] ?? 0]))));
  if (!sum) throw new Error("a grid has coordinates");
  return sum;
};

/**
 * Samples of an image [N, C, …sizes] at the places of a grid [N, …, d] with coordinates from −1 to 1, the last axis of the image first.
 * Differentiable in both. @source Jaderberg et al. 2015, arXiv:1506.02025.
 */
export const gridSample = lowering("GridSample", (context) => {
  const { node, g, outputs: [out] } = context;
  const image = need(context, 0);
  const grid = need(context, 1);
  const [n = 1, c = 1, ...sizes] = image.shape;
  const count = grid.shape.slice(1, -1).reduce((a, b) => a * b, 1);
  const padding = stringAttribute(node, "padding_mode", "zeros");
  const sampling: Sampling = {
    g, sizes, aligned: intAttribute(node, "align_corners", 0) !== 0, padding: padding === "border" || padding === "reflection" ? padding : "zeros",
    x: g.reshape(image, [n, c, sizes.reduce((a, b) => a * b, 1)]),
  };
  const flat = g.reshape(grid, [n, count, sizes.length]);
  const coordinates = sizes.map((size, i) => {
    const place = sizes.length - 1 - i;
    const unit = g.reshape(g.slice(flat, [place], [place + 1], [2]), [n, count]);
    return sampling.aligned ? g.scale(g.shift(unit, 1), (size - 1) / 2) : g.shift(g.scale(g.shift(unit, 1), size / 2), -0.5);
  });
  const mode = stringAttribute(node, "mode", "linear");
  const cubic = mode === "cubic" || mode === "bicubic";
  // Cubic interpolation bounds each neighbour, the others the coordinate.
  const seen = cubic ? coordinates : coordinates.map((value, i) => bounded(sampling, value, sizes[i] ?? 1));
  const sampled = mode === "nearest" ? entries(sampling, seen.map((value) => g.unary("Round", value))) : interpolated(sampling, seen, cubic ? cubicTaps : linearTaps);
  return [g.reshape(sampled, out?.shape ?? [])];
});
