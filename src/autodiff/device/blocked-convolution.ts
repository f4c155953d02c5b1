import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Step, Value } from "../../onnx/value.ts";
import type { Kernel } from "../replace-steps.ts";
import { geometryOf } from "../rules/convolution-geometry.ts";

/**
 * ONNX Runtime's operators on blocked layouts, NCHWc: channels in blocks that fill a vector register. Its own optimiser writes them for filters
 * that are constants; here filters are inputs (weights of a checkpoint) or derivatives, so the steps are written instead.
 */
export const BLOCKED_DOMAIN = "com.microsoft.nchwc";

/** x [N, C, H, W] in blocks of channels; the shape it is known by stays. */
export const toBlocks = (g: GraphBuilder, x: Value): Value => g.op("ReorderInput", [x], x.shape, x.dtype, {}, BLOCKED_DOMAIN);

const fromBlocks = (g: GraphBuilder, y: Value): Value => g.op("ReorderOutput", [y], y.shape, y.dtype, { channels: y.shape[1] ?? 1 }, BLOCKED_DOMAIN);

/** A filter [O, I, h, w] as [O/b, I/b, h, w, b, b], inner channels before outer ones. */
const filterInBlocks = (g: GraphBuilder, w: Value, b: number): Value => {
  const [o = b, i = b, ...kernel] = w.shape;
  const [height = 1, width = 1] = kernel;
  return g.reshape(g.transpose(g.reshape(w, [o / b, b, i / b, b, height, width]), [0, 2, 4, 5, 3, 1]), w.shape);
};

/** Whether a step is a convolution that gains: 1×1 ones are products of matrices as they are. */
const gains = ({ op, domain }: Step, x: Value, w: Value, b: number): boolean => {
  const [o = 1, i = 1, ...kernel] = w.shape;
  return op === "Conv" && domain === "" && kernel.length === 2 && x.dtype === "float32" && x.shape[1] === i && o % b === 0 && i % b === 0 && kernel.some((k) => k > 1);
};

/**
 * A float32 convolution of two axes without groups on blocks of `b` channels, where both channel counts are multiples of it. Cost: that of
 * the convolution at 1.5 to 2.5 times the plain kernel's rate (measured), the change of layout of x and of the result counted in.
 */
export const blockedConvolution = (b: number): Kernel => (step, [x, w, bias], g) => {
  const [y] = step.outputs;
  if (!x || !w || !y || !gains(step, x, w, b)) return undefined;
  const { kernel, strides, dilations, before, after } = geometryOf(step, x, y, w.shape.slice(2));
  const attributes = { kernel_shape: kernel, strides, dilations, pads: [...before, ...after] };
  return fromBlocks(g, g.op("Conv", [toBlocks(g, x), filterInBlocks(g, w, b), bias], y.shape, y.dtype, attributes, BLOCKED_DOMAIN));
};
