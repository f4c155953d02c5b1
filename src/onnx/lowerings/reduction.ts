import type { Reduction } from "../builder.ts";
import { intAttribute, intsAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need, numbersOf } from "../lowering.ts";
import { normaliseAxis, type Value } from "../value.ts";

/** Axes of a reduction: an attribute up to opset 17, an input since 18 (ReduceSum: 13); none means all, or none at all if said so. */
const axesOf = (context: LoweringContext, rank: number): number[] => {
  const { node } = context;
  const given = numbersOf(context, 1) ?? intsAttribute(node, "axes");
  if (given === undefined || given.length === 0) return intAttribute(node, "noop_with_empty_axes", 0) !== 0 ? [] : Array.from({ length: rank }, (_, i) => i);
  return given.map((axis) => normaliseAxis(axis, rank));
};

const reduced = (context: LoweringContext, op: Reduction, x: Value): Value => context.g.reduce(op, x, axesOf(context, x.shape.length), intAttribute(context.node, "keepdims", 1) !== 0);

const plain = (op: Reduction) => lowering(op, (context) => [reduced(context, op, need(context, 0))]);

/** Σ|x| */
const l1 = lowering("ReduceL1", (context) => [reduced(context, "ReduceSum", context.g.unary("Abs", need(context, 0)))]);

/** Σx² */
const sumSquare = lowering("ReduceSumSquare", (context) => [reduced(context, "ReduceSum", context.g.square(need(context, 0)))]);

/** log Σx */
const logSum = lowering("ReduceLogSum", (context) => [context.g.unary("Log", reduced(context, "ReduceSum", need(context, 0)))]);

/** The norm of one number is its size. */
const l2 = lowering("ReduceL2", (context) => {
  const x = need(context, 0);
  return [axesOf(context, x.shape.length).length === 0 ? context.g.unary("Abs", x) : reduced(context, "ReduceL2", x)];
});

/** The largest value of each channel. */
const globalMaxPool = lowering("GlobalMaxPool", (context) => {
  const x = need(context, 0);
  return [context.g.reduce("ReduceMax", x, x.shape.map((_, i) => i).slice(2), true)];
});

/** The mean over all positions of each channel. */
const globalAveragePool = lowering("GlobalAveragePool", (context) => {
  const x = need(context, 0);
  return [context.g.mean(x, x.shape.map((_, i) => i).slice(2), true)];
});

export const reductions = [
  ...(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceLogSumExp"] as const).map(plain), l1, l2, sumSquare, logSum, globalMaxPool, globalAveragePool,
];
