import { sizeOf } from "../../core/tensor.ts";
import { intAttribute, intsAttribute } from "../../onnx/graph.ts";
import type { Value } from "../../onnx/value.ts";
import { entriesOfWindows } from "../../onnx/windows.ts";
import { again, linear, type RuleContext, rule } from "../rule.ts";
import { geometryOf, type Geometry, transposedAttributes } from "./convolution-geometry.ts";
import { operand } from "./operand.ts";
import { maximumByWindows } from "./window-maximum.ts";

/**
 * Where the largest entries stand within their own plane [samples, channels, windows]. The operator counts through the whole batch; counted by
 * plane the places stay right when samples are repeated or taken apart.
 */
const placesInPlane = (x: Value, y: Value, places: Value, g: RuleContext["g"]): Value => {
  const plane = g.scalar(sizeOf(x.shape.slice(2)), places);
  return flatPlanes(g.op("Mod", [places, plane], y.shape, places.dtype), g);
};

/** [samples, channels, …] → [samples, channels, entries of one plane]. */
const flatPlanes = (value: Value, g: RuleContext["g"]): Value => g.reshape(value, [...value.shape.slice(0, 2), sizeOf(value.shape.slice(2))]);

/**
 * The largest entry of each window; its second output says where it stood, which is all that both halves need.
 *   jvp  ẏ = ẋ at those places        vjp  x̄ = ȳ added back at those places
 * At a tie the first entry counts, as in PyTorch. Where the provider has no second output the windows are searched instead.
 */
export const maxPool = rule("MaxPool", {
  kind: "piecewise",
  jvp: (context) => {
    const { inputs: [x], outputs: [y, places], tangents: [dx], g } = context;
    if (!x || !y || !dx) return undefined;
    if (!places) return maximumByWindows.jvp(context, x, y, dx);
    const index = placesInPlane(x, y, places, g);
    return g.reshape(g.op("GatherElements", [flatPlanes(dx, g), index], index.shape, y.dtype, { axis: 2 }), y.shape);
  },
  vjp: (context) => {
    const { inputs: [x], outputs: [y, places], cotangent, g } = context;
    if (!x || !y) return [];
    if (!places) return [maximumByWindows.vjp(context, x, y, cotangent)];
    const zeros = g.zerosLike(flatPlanes(x, g));
    const added = g.op("ScatterElements", [zeros, placesInPlane(x, y, places, g), flatPlanes(cotangent, g)], zeros.shape, cotangent.dtype, { axis: 2, reduction: "add" });
    return [g.reshape(added, x.shape)];
  },
});

/** Each entry over what its window's sum is divided by: entries of x, or places of the padding too. */
const shares = ({ step, g }: RuleContext, y: Value, geometry: Geometry, sizes: readonly number[]): Value => {
  const outs = y.shape.slice(2);
  const numbers = entriesOfWindows(geometry, sizes, outs, intAttribute(step, "count_include_pad", 0) === 1).map((c) => Math.max(1, c));
  return g.div(y, g.numbers(numbers, [1, 1, ...outs], y));
};

/** The mean of each window; the adjoint spreads each ȳ evenly over its window. */
export const averagePool = linear("AveragePool", again, (context, y) => {
  const { g, step } = context;
  const x = operand(context);
  const [samples = 1, channels = 1, ...sizes] = x.shape;
  const outs = y.shape.slice(2);
  const kernel = intsAttribute(step, "kernel_shape") ?? [];
  const geometry = geometryOf(step, x, y, kernel);
  const spread = g.reshape(shares(context, y, geometry, sizes), [samples * channels, 1, ...outs]);
  const ones = g.filled(1, [1, 1, ...kernel], y.dtype === "float64" ? "float64" : "float32");
  const shape = [samples * channels, 1, ...sizes];
  return g.reshape(g.op("ConvTranspose", [spread, ones], shape, y.dtype, transposedAttributes(geometry, sizes, outs)), x.shape);
});
