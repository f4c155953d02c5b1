import type { GraphBuilder } from "../../onnx/builder.ts";
import { intAttribute, stringAttribute } from "../../onnx/graph.ts";
import type { Value } from "../../onnx/value.ts";
import { elementwise, rule, type RuleContext } from "../rule.ts";
import { normaliseAxis } from "../../onnx/value.ts";

/** y = max(x, 0): y′ = [x > 0]. At the kink the derivative is 0, as in PyTorch. */
export const relu = elementwise("Relu", ({ y, g }) => g.mask(g.greater(y, g.scalar(0, y)), y.dtype), "piecewise");

/** y = tanh x: y′ = 1 − y² */
export const tanh = elementwise("Tanh", ({ y, g }) => g.sub(g.scalar(1, y), g.square(y)));

/** y = σ(x): y′ = y(1 − y) */
export const sigmoid = elementwise("Sigmoid", ({ y, g }) => g.mul(y, g.sub(g.scalar(1, y), y)));

/** y = log(1 + eˣ): y′ = σ(x) */
export const softplus = elementwise("Softplus", ({ x, g }) => g.unary("Sigmoid", x));

/** y = erf x: y′ = 2/√π·e^{−x²} */
export const erf = elementwise("Erf", ({ x, g }) => g.scale(g.unary("Exp", g.neg(g.square(x))), 2 / Math.sqrt(Math.PI)));

const axisOf = ({ step, inputs: [x] }: RuleContext): number => normaliseAxis(intAttribute(step, "axis", -1), x?.shape.length ?? 1);

/** y·(t − ⟨y, t⟩): the Jacobian of softmax, which is symmetric. */
const softmaxProduct = (context: RuleContext, t: Value): Value | undefined => {
  const { outputs: [y], g } = context;
  return y && g.mul(y, g.sub(t, g.sum(g.mul(y, t), [axisOf(context)], true)));
};

/** y = softmax x along an axis.  jvp ẏ = y·(ẋ − ⟨y, ẋ⟩)   vjp the same with ȳ */
export const softmax = rule("Softmax", {
  jvp: (context) => context.tangents[0] && softmaxProduct(context, context.tangents[0]),
  vjp: (context) => [softmaxProduct(context, context.cotangent)],
});

/** y = x − log Σ eˣ along an axis.  jvp ẏ = ẋ − ⟨e^y, ẋ⟩   vjp x̄ = ȳ − e^y·Σȳ */
export const logSoftmax = rule("LogSoftmax", {
  jvp: (context) => {
    const { tangents: [dx], outputs: [y], g } = context;
    return dx && y && g.sub(dx, g.sum(g.mul(g.unary("Exp", y), dx), [axisOf(context)], true));
  },
  vjp: (context) => {
    const { cotangent, outputs: [y], g } = context;
    return [y && g.sub(cotangent, g.mul(g.unary("Exp", y), g.sum(cotangent, [axisOf(context)], true)))];
  },
});

const normalDensity = (x: Value, g: GraphBuilder): Value => g.scale(g.unary("Exp", g.scale(g.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/**
 * y = x·Φ(x), or with tanh ½x(1 + t), t = tanh(√(2/π)(x + 0.044715x³)).
 *   y′ = Φ(x) + x·φ(x); with tanh ½(1 + t) + ½x(1 − t²)·√(2/π)(1 + 0.134145x²)
 * @source Hendrycks & Gimpel 2016, arXiv:1606.08415.
 */
export const gelu = elementwise("Gelu", ({ x, step, g }) => {
  if (stringAttribute(step, "approximate", "none") !== "tanh") {
    const distribution = g.scale(g.shift(g.unary("Erf", g.scale(x, Math.SQRT1_2)), 1), 0.5);
    return g.add(distribution, g.mul(x, normalDensity(x, g)));
  }
  const square = g.square(x);
  const t = g.unary("Tanh", g.scale(g.mul(x, g.shift(g.scale(square, 0.044715), 1)), Math.sqrt(2 / Math.PI)));
  const inner = g.mul(g.scale(x, Math.sqrt(2 / Math.PI)), g.shift(g.scale(square, 3 * 0.044715), 1));
  return g.scale(g.add(g.shift(t, 1), g.mul(inner, g.sub(g.scalar(1, t), g.square(t)))), 0.5);
});

/** y = x·tanh s, s = log(1 + eˣ): y′ = tanh s + x(1 − tanh² s)σ(x). @source Misra 2019, arXiv:1908.08681. */
export const mish = elementwise("Mish", ({ x, g }) => {
  const t = g.unary("Tanh", g.unary("Softplus", x));
  return g.add(t, g.mul(g.mul(x, g.unary("Sigmoid", x)), g.sub(g.scalar(1, t), g.square(t))));
});
