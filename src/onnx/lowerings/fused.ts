import { LensError } from "../../core/errors.ts";
import type { GraphBuilder } from "../builder.ts";
import { describe, floatAttribute, intAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Value } from "../value.ts";
import { conv } from "./convolution.ts";
import { gemm } from "./linear.ts";

const CONTRIB = "com.microsoft";

const gelu = (g: GraphBuilder, x: Value, approximate: "none" | "tanh"): Value => g.op("Gelu", [x], x.shape, x.dtype, { approximate });

const withBias = (context: LoweringContext): Value => {
  const bias = context.inputs[1];
  return bias ? context.g.add(need(context, 0), bias) : need(context, 0);
};

/** x·σ(αx) */
const quickGelu = lowering("QuickGelu", (context) => {
  const x = need(context, 0);
  return [context.g.mul(x, context.g.unary("Sigmoid", context.g.scale(x, floatAttribute(context.node, "alpha", 1.702))))];
}, CONTRIB);

/** Rows first, leading axes after them, put in their usual order. */
const rowsInside = (g: GraphBuilder, x: Value): Value => {
  const rank = x.shape.length;
  return g.transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i + 1), 0, rank - 1]);
};

/** α·A'·B', with the last two axes exchanged, or the rows standing first, as asked. */
const fusedMatMul = lowering("FusedMatMul", (context) => {
  const { node, g } = context;
  const side = (place: number, swap: string, batch: string): Value => {
    const x = need(context, place);
    const ordered = intAttribute(node, batch, 0) !== 0 ? rowsInside(g, x) : x;
    return intAttribute(node, swap, 0) !== 0 ? g.swapLast(ordered) : ordered;
  };
  return [g.scale(g.matMul(side(0, "transA", "transBatchA"), side(1, "transB", "transBatchB")), floatAttribute(node, "alpha", 1))];
}, CONTRIB);

/** The activation that ONNX Runtime's optimiser put into the node before it. Its constants: a list, or attributes of their own. */
const activated = ({ node, g }: LoweringContext, x: Value): Value => {
  const name = stringAttribute(node, "activation", "");
  const list = node.attributes.activation_params?.type === "floats" ? node.attributes.activation_params.value : [];
  const constant = (place: number, key: string, fallback: number): number => list[place] ?? floatAttribute(node, key, fallback);
  switch (name) {
    case "": return x;
    case "Relu": case "Tanh": case "Sigmoid": case "Softsign": case "Softplus": return g.unary(name, x);
    case "LeakyRelu": case "Elu": case "ThresholdedRelu": return g.op(name, [x], x.shape, x.dtype, { alpha: { float: constant(0, "activation_alpha", name === "LeakyRelu" ? 0.01 : 1) } });
    case "HardSigmoid": return g.op(name, [x], x.shape, x.dtype, { alpha: { float: constant(0, "activation_alpha", 0.2) }, beta: { float: constant(1, "activation_beta", 0.5) } });
    case "Clip": return g.min(g.max(x, g.scalar(constant(0, "activation_min", -3.4e38), x)), g.scalar(constant(1, "activation_max", 3.4e38), x));
    default: throw new LensError("MODEL_NODE", `${describe(node)} has the activation "${name}", which is not supported.`, "Export the model without ONNX Runtime's optimisations.");
  }
};

/** Conv, then the sum with a fourth operand, then an activation. */
const fusedConv = lowering("FusedConv", (context) => {
  const { activation: _, activation_params: __, ...attributes } = context.node.attributes;
  const [y] = conv.lower({ ...context, node: { ...context.node, attributes } });
  if (!y) return [];
  return [activated(context, context.inputs[3] ? context.g.add(y, context.inputs[3]) : y)];
}, CONTRIB);

const fusedGemm = lowering("FusedGemm", (context) => {
  const [y] = gemm.lower(context);
  return [y && activated(context, y)];
}, CONTRIB);

/** What ONNX Runtime's optimiser leaves in a file it has written. */
export const fusions = [
  lowering("Gelu", (context) => [gelu(context.g, need(context, 0), "none")], CONTRIB),
  lowering("BiasGelu", (context) => [gelu(context.g, withBias(context), "none")], CONTRIB),
  lowering("FastGelu", (context) => [gelu(context.g, withBias(context), "tanh")], CONTRIB),
  quickGelu, fusedMatMul, fusedConv, fusedGemm,
];
