import { LensError } from "../../core/errors.ts";
import type { GraphBuilder } from "../builder.ts";
import { describe, floatAttribute, intAttribute, intsAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import { normaliseAxis, type Operand, type Value } from "../value.ts";

/** A value per channel, laid along axis 1 of x. */
const perChannel = (context: LoweringContext, place: number, x: Value): Value => {
  const value = need(context, place);
  return context.g.reshape(value, [value.shape[0] ?? 1, ...x.shape.slice(2).map(() => 1)]);
};

/**
 * y = (x − mean)/√(var + ε)·scale + shift per channel, with the running statistics as constants (inference).
 * @throws LensError MODEL_TRAINING for a node that computes batch statistics.
 */
const batchNormalization = lowering("BatchNormalization", (context) => {
  const { node, g } = context;
  if (intAttribute(node, "training_mode", 0) !== 0) {
    throw new LensError("MODEL_TRAINING", `${describe(node)} computes statistics of the batch: samples would depend on one another.`, "Export the model in evaluation mode (model.eval() before torch.onnx.export).");
  }
  const x = need(context, 0);
  const deviation = g.unary("Sqrt", g.add(perChannel(context, 4, x), g.scalar(floatAttribute(node, "epsilon", 1e-5), x)));
  const centred = g.sub(x, perChannel(context, 3, x));
  return [g.add(g.mul(g.div(centred, deviation), perChannel(context, 1, x)), perChannel(context, 2, x))];
});

interface Standardised { readonly value: Value; readonly mean: Value; readonly inverse: Value }

/** (x − E x)/√(Var x + ε) over axes that are kept with size 1. */
const standardise = (g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Standardised => {
  const mean = g.mean(x, axes, true);
  const centred = g.sub(x, mean);
  const variance = g.mean(g.square(centred), axes, true);
  const inverse = g.unary("Reciprocal", g.unary("Sqrt", g.shift(variance, epsilon)));
  return { value: g.mul(centred, inverse), mean, inverse };
};

/** x/√(E x² + ε). @source Zhang & Sennrich 2019, arXiv:1910.07467. */
const byRootMeanSquare = (g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): { value: Value; inverse: Value } => {
  const inverse = g.unary("Reciprocal", g.unary("Sqrt", g.shift(g.mean(g.square(x), axes, true), epsilon)));
  return { value: g.mul(x, inverse), inverse };
};

const from = (first: number, rank: number): number[] => Array.from({ length: rank - first }, (_, i) => first + i);

/** y = (x − E x)/√(Var x + ε)·scale + shift over the axes from `axis` on. */
const layerNormalization = lowering("LayerNormalization", (context) => {
  const { node, g, inputs } = context;
  const x = need(context, 0);
  const rank = x.shape.length;
  const { value, mean, inverse } = standardise(g, x, from(normaliseAxis(intAttribute(node, "axis", -1), rank), rank), floatAttribute(node, "epsilon", 1e-5));
  const scaled = g.mul(value, need(context, 1));
  const shift = inputs[2];
  return [shift ? g.add(scaled, shift) : scaled, mean, inverse];
});

/** y = x/√(E x² + ε)·scale over the axes from `axis` on; the optimiser's name for it lies in two domains. */
const rmsNormalization = (op: string, domain = "") => lowering(op, (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const rank = x.shape.length;
  const { value, inverse } = byRootMeanSquare(g, x, from(normaliseAxis(intAttribute(node, "axis", -1), rank), rank), floatAttribute(node, "epsilon", 1e-5));
  return [g.mul(value, need(context, 1)), inverse];
}, domain);

/** Each channel of each sample by itself. */
const instanceNormalization = lowering("InstanceNormalization", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const { value } = standardise(g, x, from(2, x.shape.length), floatAttribute(node, "epsilon", 1e-5));
  return [g.add(g.mul(value, perChannel(context, 1, x)), perChannel(context, 2, x))];
});

/** Groups of channels of each sample; scale and shift are per group up to opset 20, per channel since. */
const groupNormalization = lowering("GroupNormalization", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const [n = 1, c = 1, ...sizes] = x.shape;
  const groups = intAttribute(node, "num_groups", 1);
  const { value } = standardise(g, g.reshape(x, [n, groups, c / groups, ...sizes]), from(2, x.shape.length + 1), floatAttribute(node, "epsilon", 1e-5));
  const aligned = (place: number): Value => {
    const given = need(context, place);
    return g.reshape(given, [given.shape[0] === c ? groups : (given.shape[0] ?? 1), given.shape[0] === c ? c / groups : 1, ...sizes.map(() => 1)]);
  };
  return [g.reshape(g.add(g.mul(value, aligned(1)), aligned(2)), x.shape)];
});

/** y = x/(bias + α/size·Σ x² over a window of channels)^β. @source Krizhevsky et al. 2012, §3.3. */
const lrn = lowering("LRN", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const size = intAttribute(node, "size", 1);
  const channels = x.shape[1] ?? 1;
  const before = x.shape.map((_, i) => (i === 1 ? Math.floor((size - 1) / 2) : 0));
  const after = x.shape.map((_, i) => (i === 1 ? Math.ceil((size - 1) / 2) : 0));
  const padded = g.pad(g.square(x), before, after);
  const parts = Array.from({ length: size }, (_, i) => g.slice(padded, [i], [i + channels], [1]));
  const sum = g.sumOf(...parts) ?? x;
  const base = g.shift(g.scale(sum, floatAttribute(node, "alpha", 1e-4) / size), floatAttribute(node, "bias", 1));
  return [g.div(x, g.pow(base, g.scalar(floatAttribute(node, "beta", 0.75), x)))];
});

/** (x − E x)/(√Var x + 1e-9) over the named axes. */
const meanVariance = lowering("MeanVarianceNormalization", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const axes = intsAttribute(node, "axes") ?? [0, 2, 3];
  const centred = g.sub(x, g.mean(x, axes, true));
  return [g.div(centred, g.shift(g.unary("Sqrt", g.mean(g.square(centred), axes, true)), 1e-9))];
});

/** x over its 1- or 2-norm along an axis; 0 stays 0. */
const lpNormalization = lowering("LpNormalization", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const axis = normaliseAxis(intAttribute(node, "axis", -1), x.shape.length);
  const norm = intAttribute(node, "p", 2) === 1 ? g.sum(g.unary("Abs", x), [axis], true) : g.reduce("ReduceL2", x, [axis], true);
  return [g.div(x, g.where(g.greater(norm, g.scalar(0, norm)), norm, g.scalar(1, norm)))];
});

/** The sum of two operands (and a bias), normalised; the sum itself is the fourth output. */
const skipNormalization = (op: string, centred: boolean) => lowering(op, (context) => {
  const { node, inputs, g } = context;
  const bias: Operand = inputs[centred ? 4 : 3];
  const plain = g.add(need(context, 0), need(context, 1));
  const x = bias ? g.add(plain, bias) : plain;
  const epsilon = floatAttribute(node, "epsilon", 1e-12);
  const axes = [x.shape.length - 1];
  const { value } = centred ? standardise(g, x, axes, epsilon) : byRootMeanSquare(g, x, axes, epsilon);
  const scaled = g.mul(value, need(context, 2));
  const shift = centred ? inputs[3] : undefined;
  return [shift ? g.add(scaled, shift) : scaled, undefined, undefined, x];
}, "com.microsoft");

/** Word, position and segment embeddings added and normalised; the second output counts the tokens of each sequence. */
const embedNormalization = lowering("EmbedLayerNormalization", (context) => {
  const { node, inputs, g } = context;
  const tokens = need(context, 0);
  const [batch = 1, length = 1] = tokens.shape;
  const picked = (table: Value, indices: Value): Value => g.op("Gather", [table, indices], [...indices.shape, ...table.shape.slice(1)], table.dtype, { axis: 0 });
  const positions = inputs[8] ?? g.reshape(g.ints(Array.from({ length }, (_, i) => i)), [1, length]);
  const words = g.add(picked(need(context, 2), tokens), picked(need(context, 3), positions));
  const sum = inputs[1] && inputs[4] ? g.add(words, picked(inputs[4], inputs[1])) : words;
  const { value } = standardise(g, sum, [2], floatAttribute(node, "epsilon", 1e-12));
  const mask = inputs[7];
  const counted = mask ? g.sum(mask, [1]) : g.expand(g.constant({ dtype: "int32", shape: [], data: Int32Array.of(0) }), [batch]);
  return [g.add(g.mul(value, need(context, 5)), need(context, 6)), counted, sum];
}, "com.microsoft");

export const normalisations = [
  batchNormalization, layerNormalization, instanceNormalization, groupNormalization, lrn, meanVariance, lpNormalization,
  rmsNormalization("RMSNormalization"), rmsNormalization("SimplifiedLayerNormalization"), rmsNormalization("SimplifiedLayerNormalization", "com.microsoft"),
  skipNormalization("SkipLayerNormalization", true), skipNormalization("SkipSimplifiedLayerNormalization", false), embedNormalization,
];
