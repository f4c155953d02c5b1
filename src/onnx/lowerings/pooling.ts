import { intAttribute, intsAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Value } from "../value.ts";

/**
 * MaxPool says where each maximum stood, in row-major order, wherever the provider can: its derivative reads that. Other orders are an
 * output apart.
 */
const maxPool = lowering("MaxPool", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  if (!out) return [];
  const isRead = (node.outputs[1] ?? "") !== "";
  if (!g.capabilities.maxPoolIndices && !isRead) return g.call("MaxPool", [x], { ...node.attributes, storage_order: 0 }, [{ shape: out.shape, dtype: out.dtype }]);
  const shapes = [{ shape: out.shape, dtype: out.dtype }, { shape: out.shape, dtype: "int64" as const }];
  const [y, places] = g.call("MaxPool", [x], { ...node.attributes, storage_order: 0 }, shapes);
  if (intAttribute(node, "storage_order", 0) === 0) return [y, places];
  return [y, g.call("MaxPool", [x], node.attributes, shapes)[1]];
});

/** |x|^p, as a product where p is 2. */
const powered = (context: LoweringContext, x: Value, p: number): Value => (p === 2 ? context.g.square(x) : context.g.pow(context.g.unary("Abs", x), context.g.scalar(p, x)));

const rooted = (context: LoweringContext, sum: Value, p: number): Value => (p === 2 ? context.g.unary("Sqrt", sum) : p === 1 ? sum : context.g.pow(sum, context.g.scalar(1 / p, sum)));

/** The sum over each window, as a convolution with ones of each channel by itself. */
const windowSum = (context: LoweringContext, x: Value, out: readonly number[]): Value => {
  const { node, g } = context;
  const [n = 1, c = 1, ...sizes] = x.shape;
  const kernel = intsAttribute(node, "kernel_shape") ?? [];
  const strides = intsAttribute(node, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, "dilations") ?? kernel.map(() => 1);
  const mode = stringAttribute(node, "auto_pad", "NOTSET");
  const given = intsAttribute(node, "pads") ?? [...kernel, ...kernel].map(() => 0);
  const reach = kernel.map((k, i) => ((out[i] ?? 1) - 1) * (strides[i] ?? 1) + (k - 1) * (dilations[i] ?? 1) + 1 - (sizes[i] ?? 1));
  const before = kernel.map((_, i) => (mode === "SAME_UPPER" ? Math.floor(Math.max(0, reach[i] ?? 0) / 2) : mode === "SAME_LOWER" ? Math.ceil(Math.max(0, reach[i] ?? 0) / 2) : mode === "VALID" ? 0 : (given[i] ?? 0)));
  const after = reach.map((r, i) => Math.max(0, r - (before[i] ?? 0)));
  const ones = g.expand(g.scalar(1, x), [1, 1, ...kernel]);
  const apart = g.reshape(x, [n * c, 1, ...sizes]);
  return g.reshape(g.op("Conv", [apart, ones], [n * c, 1, ...out], x.dtype, { strides, dilations, pads: [...before, ...after], kernel_shape: kernel }), [n, c, ...out]);
};

/** (Σ|x|^p)^{1/p} over each window. */
const lpPool = lowering("LpPool", (context) => {
  const { node, outputs: [out] } = context;
  const x = need(context, 0);
  const p = intAttribute(node, "p", 2);
  return [rooted(context, windowSum(context, powered(context, x, p), out?.shape.slice(2) ?? []), p)];
});

/** (Σ|x|^p)^{1/p} over each channel. */
const globalLpPool = lowering("GlobalLpPool", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const p = intAttribute(node, "p", 2);
  const axes = x.shape.map((_, i) => i).slice(2);
  return [p === 2 ? g.reduce("ReduceL2", x, axes, true) : rooted(context, g.sum(powered(context, x, p), axes, true), p)];
});

/**
 * Values put back where MaxPool found them, zeros elsewhere. Places are flat positions in a tensor of the size that kernel, strides and
 * pads give; a larger `output_shape` is that tensor with zeros after it.
 */
const maxUnpool = lowering("MaxUnpool", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  const places = need(context, 1);
  const kernel = intsAttribute(node, "kernel_shape") ?? [];
  const strides = intsAttribute(node, "strides") ?? kernel.map(() => 1);
  const pads = intsAttribute(node, "pads") ?? [...kernel, ...kernel].map(() => 0);
  const inferred = kernel.map((k, i) => ((x.shape[i + 2] ?? 1) - 1) * (strides[i] ?? 1) + k - (pads[i] ?? 0) - (pads[i + kernel.length] ?? 0));
  const shape = [...x.shape.slice(0, 2), ...inferred];
  const plane = inferred.reduce((a, b) => a * b, 1);
  const [n = 1, c = 1, ...sizes] = x.shape;
  const flatPlane = (value: Value): Value => g.reshape(value, [n, c, sizes.reduce((a, b) => a * b, 1)]);
  // Counted within each plane, so that they stay right when samples are repeated.
  const inPlane = flatPlane(g.op("Mod", [places, g.scalar(plane, places)], places.shape, places.dtype));
  const zeros = g.expand(g.scalar(0, x), [n, c, plane]);
  const flat = g.op("ScatterElements", [zeros, inPlane, flatPlane(x)], zeros.shape, x.dtype, { axis: 2 });
  return [g.pad(g.reshape(flat, shape), shape.map(() => 0), shape.map((d, i) => (out?.shape[i] ?? d) - d))];
});

export const poolings = [maxPool, lpPool, globalLpPool, maxUnpool];
