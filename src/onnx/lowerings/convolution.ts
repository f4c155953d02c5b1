import { intAttribute, intsAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Value } from "../value.ts";

/** The bias of a convolution becomes an addition of its own, so that the product's rule has one parameter only. */
const withBias = (context: LoweringContext, y: Value): Value => {
  const bias = context.inputs[2];
  return bias ? context.g.add(y, context.g.reshape(bias, [bias.shape[0] ?? 1, ...y.shape.slice(2).map(() => 1)])) : y;
};

export const conv = lowering("Conv", (context) => {
  const { node, g, outputs: [out] } = context;
  if (!out) return [];
  return [withBias(context, g.op("Conv", [need(context, 0), need(context, 1)], out.shape, out.dtype, node.attributes))];
});

/**
 * Transposed convolution with explicit pads. The size of the result is known, and with it the padding in total; `auto_pad` says how it
 * is split. @source ONNX operator specification, ConvTranspose.
 */
const convTranspose = lowering("ConvTranspose", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  const w = need(context, 1);
  if (!out) return [];
  const kernel = w.shape.slice(2);
  const strides = intsAttribute(node, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, "dilations") ?? kernel.map(() => 1);
  const extra = intsAttribute(node, "output_padding") ?? kernel.map(() => 0);
  const mode = stringAttribute(node, "auto_pad", "NOTSET");
  const given = intsAttribute(node, "pads") ?? [...kernel, ...kernel].map(() => 0);
  const free = mode === "NOTSET" && node.attributes.output_shape === undefined;
  const totals = kernel.map((k, i) => (strides[i] ?? 1) * ((x.shape[i + 2] ?? 1) - 1) + (extra[i] ?? 0) + (k - 1) * (dilations[i] ?? 1) + 1 - (out.shape[i + 2] ?? 1));
  const before = totals.map((t, i) => (free ? (given[i] ?? 0) : Math.max(0, mode === "SAME_UPPER" ? Math.floor(t / 2) : Math.ceil(t / 2))));
  const after = totals.map((t, i) => (free ? (given[i + kernel.length] ?? 0) : Math.max(0, t - (before[i] ?? 0))));
  const padding = totals.map((t, i) => (extra[i] ?? 0) + Math.max(0, -t) * (free ? 0 : 1));
  const attributes = { strides, dilations, group: intAttribute(node, "group", 1), pads: [...before, ...after], kernel_shape: kernel, output_padding: padding };
  return [withBias(context, g.op("ConvTranspose", [x, w], out.shape, out.dtype, attributes))];
});

export const convolutions = [conv, convTranspose];
