import type { GraphBuilder } from "../../onnx/builder.ts";
import { floatAttribute, stringAttribute } from "../../onnx/graph.ts";
import type { Step, Value } from "../../onnx/value.ts";
import { absolute, expMinusOne, logOnePlus } from "./elementary.ts";
import { erfc } from "./error-function.ts";

/** How a step of one operand is written in float64 primitives. */
export type Unary = (x: Value, g: GraphBuilder, step: Step) => Value;

const zero = (x: Value, g: GraphBuilder): Value => g.scalar(0, x);

/** α·(e^{x/s} − 1) below zero, x above. */
const exponentialBelow = (x: Value, alpha: number, divisor: number, g: GraphBuilder): Value => {
  const below = g.min(x, zero(x, g));
  return g.add(g.max(x, zero(x, g)), g.scale(expMinusOne(divisor === 1 ? below : g.scale(below, 1 / divisor), g), alpha));
};

/** log(1 + eˣ) = max(x, 0) + log(1 + e^{−|x|}). */
export const softplus: Unary = (x, g) => g.add(g.max(x, zero(x, g)), logOnePlus(g.unary("Exp", g.neg(absolute(x, g))), g));

export const softsign: Unary = (x, g) => g.div(x, g.shift(absolute(x, g), 1));

export const leakyRelu: Unary = (x, g, step) => g.where(g.less(x, zero(x, g)), g.scale(x, floatAttribute(step, "alpha", 0.01)), x);

export const thresholdedRelu: Unary = (x, g, step) => g.where(g.greater(x, g.scalar(floatAttribute(step, "alpha", 1), x)), x, zero(x, g));

export const elu: Unary = (x, g, step) => exponentialBelow(x, floatAttribute(step, "alpha", 1), 1, g);

export const celu: Unary = (x, g, step) => {
  const alpha = floatAttribute(step, "alpha", 1);
  return exponentialBelow(x, alpha, alpha, g);
};

/** ONNX's own constants, which are those of float32. */
export const selu: Unary = (x, g, step) => {
  const alpha = floatAttribute(step, "alpha", Math.fround(1.6732632423543772));
  return g.scale(exponentialBelow(x, alpha, 1, g), floatAttribute(step, "gamma", Math.fround(1.0507009873554805)));
};

const clipped = (x: Value, alpha: number, beta: number, g: GraphBuilder): Value => g.max(zero(x, g), g.min(g.scalar(1, x), g.shift(g.scale(x, alpha), beta)));

export const hardSigmoid: Unary = (x, g, step) => clipped(x, floatAttribute(step, "alpha", 0.2), floatAttribute(step, "beta", 0.5), g);

export const hardSwish: Unary = (x, g) => g.mul(x, clipped(x, 1 / 6, 0.5, g));

export const mish: Unary = (x, g, step) => g.mul(x, g.unary("Tanh", softplus(x, g, step)));

/** ½x·erfc(−x/√2), which keeps its digits for negative x; with tanh ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const gelu: Unary = (x, g, step) => {
  if (stringAttribute(step, "approximate", "none") !== "tanh") return g.mul(g.scale(x, 0.5), erfc(g.scale(x, -Math.SQRT1_2), g));
  const inner = g.scale(g.mul(x, g.shift(g.scale(g.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return g.mul(g.scale(x, 0.5), g.shift(g.unary("Tanh", inner), 1));
};
