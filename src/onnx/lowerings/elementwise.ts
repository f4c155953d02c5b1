import { isFloat } from "../../core/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { floatAttribute, intAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import { normaliseAxis, type Value } from "../value.ts";

const operands = (context: LoweringContext): Value[] => context.inputs.flatMap((x) => x ?? []);

/** Operators with any number of operands become chains of the one with two. */
const chain = (op: string, join: (g: GraphBuilder, a: Value, b: Value) => Value, finish: (g: GraphBuilder, sum: Value, count: number) => Value = (_, sum) => sum) =>
  lowering(op, (context) => {
    const [first, ...rest] = operands(context);
    const joined = rest.reduce((sum, x) => join(context.g, sum, x), first ?? need(context, 0));
    return [finish(context.g, joined, rest.length + 1)];
  });

export const variadic = [
  chain("Sum", (g, a, b) => g.add(a, b)),
  chain("Mean", (g, a, b) => g.add(a, b), (g, sum, count) => (count === 1 ? sum : g.div(sum, g.scalar(count, sum)))),
  chain("Max", (g, a, b) => g.max(a, b)),
  chain("Min", (g, a, b) => g.min(a, b)),
];

/** Bounds of Clip: attributes up to opset 10, operands since; one that is missing does not bind. */
const clip = lowering("Clip", (context) => {
  const { node, inputs, g } = context;
  const x = need(context, 0);
  const bound = (place: number, key: string): Value | undefined => inputs[place] ?? (node.attributes[key] ? g.scalar(floatAttribute(node, key, 0), x) : undefined);
  const low = bound(1, "min");
  const high = bound(2, "max");
  const raised = low ? g.max(x, low) : x;
  return [high ? g.min(raised, high) : raised];
});

/** Up to opset 12 these flatten to a matrix: all axes from `axis` on (default 1) count as one. */
const alongAxis = (op: string) => lowering(op, (context) => {
  const { node, opset, g } = context;
  const x = need(context, 0);
  const rank = x.shape.length;
  const axis = normaliseAxis(intAttribute(node, "axis", opset < 13 ? 1 : -1), rank);
  if (opset >= 13 || axis === rank - 1) return [g.op(op, [x], x.shape, x.dtype, { axis })];
  const width = x.shape.slice(axis).reduce((a, b) => a * b, 1);
  const matrix = g.reshape(x, [x.shape.slice(0, axis).reduce((a, b) => a * b, 1), width]);
  return [g.reshape(g.op(op, [matrix], matrix.shape, x.dtype, { axis: 1 }), x.shape)];
});

/** x·σ(αx) */
const swish = lowering("Swish", (context) => {
  const x = need(context, 0);
  return [context.g.mul(x, context.g.unary("Sigmoid", context.g.scale(x, floatAttribute(context.node, "alpha", 1))))];
});

/** The type of the second operand, or of the attribute. */
const casting = (op: string) => lowering(op, (context) => {
  const [out] = context.outputs;
  const x = need(context, 0);
  return [out && isFloat(out.dtype) && isFloat(x.dtype) ? context.g.cast(x, out.dtype) : out && context.g.cast(x, out.dtype)];
});

/** (x − zero)·scale: the derivative is with respect to the scale, x being whole numbers. */
const dequantize = lowering("DequantizeLinear", (context) => {
  const { node, inputs, g } = context;
  const x = need(context, 0);
  const scale = need(context, 1);
  const axis = normaliseAxis(intAttribute(node, "axis", 1), x.shape.length);
  const aligned = (value: Value): Value => (value.shape.length === 1 && (value.shape[0] ?? 1) > 1 ? g.reshape(value, x.shape.map((d, i) => (i === axis ? d : 1))) : g.reshape(value, value.shape.length === 1 ? [] : value.shape));
  const whole = g.cast(x, scale.dtype);
  const zero = inputs[2];
  return [g.mul(zero ? g.sub(whole, aligned(g.cast(zero, scale.dtype))) : whole, aligned(scale))];
});

export const elementwises = [clip, swish, dequantize, ...["Cast", "CastLike"].map(casting), ...["Softmax", "LogSoftmax", "Hardmax"].map(alongAxis)];
