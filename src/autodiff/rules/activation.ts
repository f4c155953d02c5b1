import { intAttribute } from "../../onnx/graph.ts";
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
