import { floatAttribute } from "../../onnx/graph.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { elementwise, type RuleContext, rule } from "../rule.ts";

const isPositive = (x: Value, g: GraphBuilder): Value => g.greater(x, g.scalar(0, x));

/** y = |x|: y′ = sign x, 0 at 0. */
export const abs = elementwise("Abs", ({ x, g }) => g.unary("Sign", x), "piecewise");

/** y = x where x ≥ 0, else αx. */
export const leakyRelu = elementwise("LeakyRelu", ({ x, step, g }) => g.where(g.less(x, g.scalar(0, x)), g.scalar(floatAttribute(step, "alpha", 0.01), x), g.scalar(1, x)), "piecewise");

/** y = x where x > α, else 0. */
export const thresholdedRelu = elementwise("ThresholdedRelu", ({ x, step, g }) => g.mask(g.greater(x, g.scalar(floatAttribute(step, "alpha", 1), x)), x.dtype), "piecewise");

/** y = x where x > 0, else α(eˣ − 1): y′ = 1 or y + α */
export const elu = elementwise("Elu", ({ x, y, step, g }) => g.where(isPositive(x, g), g.scalar(1, x), g.shift(y, floatAttribute(step, "alpha", 1))));

/** y = max(0, x) + min(0, α(e^{x/α} − 1)): y′ = 1 or 1 + y/α */
export const celu = elementwise("Celu", ({ x, y, step, g }) => g.where(isPositive(x, g), g.scalar(1, x), g.shift(g.scale(y, 1 / floatAttribute(step, "alpha", 1)), 1)));

/** y = γx where x > 0, else γα(eˣ − 1): y′ = γ or y + γα. @source Klambauer et al. 2017, arXiv:1706.02515. */
export const selu = elementwise("Selu", ({ x, y, step, g }) => {
  const alpha = floatAttribute(step, "alpha", 1.67326319217681884765625);
  const gamma = floatAttribute(step, "gamma", 1.05070102214813232421875);
  return g.where(isPositive(x, g), g.scalar(gamma, x), g.shift(y, gamma * alpha));
});

/** y = min(max(αx + β, 0), 1): y′ = α inside. */
export const hardSigmoid = elementwise("HardSigmoid", ({ x, y, step, g }) => {
  const inside = g.op("And", [isPositive(y, g), g.less(y, g.scalar(1, y))], y.shape, "bool");
  return g.where(inside, g.scalar(floatAttribute(step, "alpha", 0.2), x), g.scalar(0, x));
}, "piecewise");

/** y = x·min(max(x/6 + ½, 0), 1): y′ = 0, x/3 + ½ or 1 */
export const hardSwish = elementwise("HardSwish", ({ x, g }) => {
  const inner = g.where(g.less(x, g.scalar(3, x)), g.shift(g.div(x, g.scalar(3, x)), 0.5), g.scalar(1, x));
  return g.where(g.greater(x, g.scalar(-3, x)), inner, g.scalar(0, x));
}, "piecewise");

/** y = x/(1 + |x|): y′ = 1/(1 + |x|)² */
export const softsign = elementwise("Softsign", ({ x, g }) => g.unary("Reciprocal", g.square(g.shift(g.unary("Abs", x), 1))));

/** y = x − b above λ, x + b below −λ, 0 between. */
export const shrink = elementwise("Shrink", ({ x, step, g }) => g.mask(g.greater(g.unary("Abs", x), g.scalar(floatAttribute(step, "lambd", 0.5), x)), x.dtype), "piecewise");

interface Pair { readonly a: Value; readonly b: Value; readonly y: Value }

const pair = ({ inputs: [a, b], outputs: [y], step }: RuleContext): Pair => {
  if (!a || !b || !y) throw new Error(`${step.op} has two operands and a result`);
  return { a, b, y };
};

/** The larger (smaller) of two: the derivative goes to that one, to the first at a tie. */
const extreme = (op: "Max" | "Min") => {
  const first = (context: RuleContext): Value => {
    const { a, b } = pair(context);
    const { g } = context;
    const second = op === "Max" ? g.less(a, b) : g.greater(a, b);
    return g.op("Not", [second], second.shape, "bool");
  };
  return rule(op, {
    kind: "piecewise",
    elementwise: true,
    jvp: (context) => {
      const { tangents: [da, db], g } = context;
      const { y } = pair(context);
      const zero = g.scalar(0, y);
      return g.expand(g.where(first(context), da ?? zero, db ?? zero), y.shape);
    },
    vjp: (context) => {
      const { cotangent, wants, inputs, g } = context;
      const zero = g.scalar(0, cotangent);
      const chosen = first(context);
      return [wants[0] && g.sumTo(g.where(chosen, cotangent, zero), inputs[0]?.shape ?? []), wants[1] && g.sumTo(g.where(chosen, zero, cotangent), inputs[1]?.shape ?? [])];
    },
  });
};

export const max = extreme("Max");
export const min = extreme("Min");

/** y = a where the condition holds, else b. */
export const where = rule("Where", {
  kind: "linear",
  elementwise: true,
  jvp: ({ inputs: [condition], outputs: [y], tangents: [, da, db], g }) => {
    if (!condition || !y) return undefined;
    const zero = g.scalar(0, y);
    return g.expand(g.where(condition, da ?? zero, db ?? zero), y.shape);
  },
  vjp: ({ inputs: [condition, a, b], cotangent, wants, g }) => {
    if (!condition || !a || !b) return [];
    const zero = g.scalar(0, cotangent);
    return [undefined, wants[1] && g.sumTo(g.where(condition, cotangent, zero), a.shape), wants[2] && g.sumTo(g.where(condition, zero, cotangent), b.shape)];
  },
});

/** y = x where x ≥ 0, else s·x.  jvp ẏ = [x ≥ 0]ẋ + [x < 0](s·ẋ + x·ṡ) */
export const pRelu = rule("PRelu", {
  kind: "piecewise",
  elementwise: true,
  jvp: (context) => {
    const { tangents: [dx, ds], g } = context;
    const { a: x, b: slope } = pair(context);
    const negative = g.less(x, g.scalar(0, x));
    return g.sumOf(dx && g.mul(dx, g.where(negative, slope, g.scalar(1, x))), ds && g.mul(ds, g.where(negative, x, g.scalar(0, x))));
  },
  vjp: (context) => {
    const { cotangent, wants, inputs, g } = context;
    const { a: x, b: slope } = pair(context);
    const negative = g.less(x, g.scalar(0, x));
    return [
      wants[0] && g.mul(cotangent, g.where(negative, slope, g.scalar(1, x))),
      wants[1] && g.sumTo(g.mul(cotangent, g.where(negative, x, g.scalar(0, x))), inputs[1]?.shape ?? []),
    ];
  },
});

/** y = a − b·trunc(a/b) (fmod): ẏ = ȧ − trunc(a/b)·ḃ, where trunc(a/b) = (a − y)/b */
export const mod = rule("Mod", {
  kind: "piecewise",
  elementwise: true,
  jvp: (context) => {
    const { outputs: [out], tangents: [da, db], g } = context;
    const { a, b, y } = pair(context);
    const sum = g.sumOf(da, db && g.neg(g.mul(db, g.div(g.sub(a, y), b))));
    return sum && out && g.expand(sum, out.shape);
  },
  vjp: (context) => {
    const { cotangent, wants, g } = context;
    const { a, b, y } = pair(context);
    return [wants[0] && g.sumTo(cotangent, a.shape), wants[1] && g.sumTo(g.neg(g.mul(cotangent, g.div(g.sub(a, y), b))), b.shape)];
  },
});
