import { intAttribute, intsAttribute, type Node } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import { toAttributes } from "../program-writer.ts";
import type { Value } from "../value.ts";
import { entriesOfWindows, reachOf, type Windows, windowsOf } from "../windows.ts";

/**
 * Attributes of a pooling whose sizes are rounded down, with padding at the end as far as the last window reaches: those of `ceil_mode`
 * mean something else to ONNX Runtime's shape inference than to its kernels, which drop a window that begins in the padding. Null where the
 * end must be padded by a kernel or more, which kernels refuse: dilated windows alone reach so far.
 */
const roundedDown = ({ node }: LoweringContext, windows: Windows, sizes: readonly number[], outs: readonly number[]): Node["attributes"] | null => {
  const { kernel, before } = windows;
  const after = reachOf(windows, sizes, outs).map((reach, i) => Math.max(windows.after[i] ?? 0, reach));
  if (after.some((a, i) => a >= (kernel[i] ?? 1))) return null;
  const { auto_pad: _, ...kept } = node.attributes;
  return { ...kept, ...toAttributes({ ceil_mode: 0, pads: [...before, ...after] }) };
};

const isRoundedUp = ({ node }: LoweringContext): boolean => intAttribute(node, "ceil_mode", 0) === 1;

/**
 * MaxPool says where each maximum stood, in row-major order, wherever the provider can: its derivative reads that. Other orders are an
 * output apart.
 */
const maxPool = lowering("MaxPool", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  if (!out) return [];
  const [sizes, outs] = [x.shape.slice(2), out.shape.slice(2)];
  const own = (isRoundedUp(context) ? roundedDown(context, windowsOf(node, sizes, outs), sizes, outs) : null) ?? node.attributes;
  const attributes = { ...own, ...toAttributes({ storage_order: 0 }) };
  const isRead = (node.outputs[1] ?? "") !== "";
  if (!g.capabilities.maxPoolIndices && !isRead) return g.call("MaxPool", [x], attributes, [{ shape: out.shape, dtype: out.dtype }]);
  const shapes = [{ shape: out.shape, dtype: out.dtype }, { shape: out.shape, dtype: "int64" as const }];
  const [y, places] = g.call("MaxPool", [x], attributes, shapes);
  if (intAttribute(node, "storage_order", 0) === 0) return [y, places];
  return [y, g.call("MaxPool", [x], own, shapes)[1]];
});

/** The sum over each window, as a convolution with ones of each channel by itself. */
const windowSum = ({ node, g }: LoweringContext, x: Value, outs: readonly number[]): Value => {
  const [n = 1, c = 1, ...sizes] = x.shape;
  const windows = windowsOf(node, sizes, outs);
  const { kernel, strides, dilations, before } = windows;
  const after = reachOf(windows, sizes, outs).map((reach) => Math.max(0, reach));
  const ones = g.expand(g.scalar(1, x), [1, 1, ...kernel]);
  const apart = g.reshape(x, [n * c, 1, ...sizes]);
  return g.reshape(g.op("Conv", [apart, ones], [n * c, 1, ...outs], x.dtype, { strides, dilations, pads: [...before, ...after], kernel_shape: kernel }), [n, c, ...outs]);
};

/**
 * AveragePool with sizes rounded down. Where places of the padding count, those beyond it that the last windows reach do not: their means
 * are taken over fewer.
 */
const averagePool = lowering("AveragePool", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  if (!out) return [];
  if (!isRoundedUp(context)) return g.call("AveragePool", [x], node.attributes, [{ shape: out.shape, dtype: out.dtype }]);
  const [sizes, outs] = [x.shape.slice(2), out.shape.slice(2)];
  const windows = windowsOf(node, sizes, outs);
  const isCounted = intAttribute(node, "count_include_pad", 0) === 1;
  const entries = entriesOfWindows(windows, sizes, outs, isCounted).map((n) => Math.max(1, n));
  const attributes = roundedDown(context, windows, sizes, outs);
  if (attributes === null) return [g.div(windowSum(context, x, out.shape.slice(2)), g.numbers(entries, [1, 1, ...outs], x))];
  const mean = g.op("AveragePool", [x], out.shape, out.dtype, attributes);
  const full = windows.kernel.reduce((a, b) => a * b, 1);
  if (!isCounted || entries.every((n) => n === full)) return [mean];
  return [g.mul(mean, g.numbers(entries.map((n) => full / n), [1, 1, ...outs], x))];
});

/** |x|^p, as a product where p is 2. */
const powered = (context: LoweringContext, x: Value, p: number): Value => (p === 2 ? context.g.square(x) : context.g.pow(context.g.unary("Abs", x), context.g.scalar(p, x)));

const rooted = (context: LoweringContext, sum: Value, p: number): Value => (p === 2 ? context.g.unary("Sqrt", sum) : p === 1 ? sum : context.g.pow(sum, context.g.scalar(1 / p, sum)));

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

export const poolings = [maxPool, averagePool, lpPool, globalLpPool, maxUnpool];
