import type { Value } from "../../onnx/value.ts";
import { again, linear, type Rule, type RuleContext, rule } from "../rule.ts";
import { constant, operand } from "./operand.ts";

/** A value of the result's shape laid along the reduced axes again. */
const repeat = (context: RuleContext, y: Value): Value => {
  const x = operand(context);
  const over = new Set(constant(context, 1));
  return context.g.expand(context.g.reshape(y, x.shape.map((d, i) => (over.has(i) ? 1 : d))), x.shape);
};

/** The same for per-sample gradients of the result: [n, …shape of x]. */
const repeatRows = (context: RuleContext, rows: Value): Value => {
  const x = operand(context);
  const samples = rows.shape[0] ?? 1;
  const over = new Set(constant(context, 1));
  return context.g.expand(context.g.reshape(rows, [samples, ...x.shape.map((d, i) => (over.has(i) ? 1 : d))]), [samples, ...x.shape]);
};

/** The result with reduced axes of size 1. */
const kept = (context: RuleContext): Value => {
  const x = operand(context);
  const [y] = context.outputs;
  if (!y) throw new Error(`${context.step.op} has a result`);
  const over = new Set(constant(context, 1));
  return context.g.reshape(y, x.shape.map((d, i) => (over.has(i) ? 1 : d)));
};

/** Divided by how many entries each mean is of. */
const averaged = (context: RuleContext, y: Value): Value => {
  const x = operand(context);
  return context.g.div(y, context.g.scalar(constant(context, 1).reduce((count, axis) => count * (x.shape[axis] ?? 1), 1), y));
};

/** A sum over axes; the adjoint repeats. */
export const reduceSum = linear("ReduceSum", again, repeat, (rows, context) => repeatRows(context, rows));

/** A mean over axes; the adjoint repeats, divided by their size. */
export const reduceMean = linear("ReduceMean", again, (context, y) => repeat(context, averaged(context, y)), (rows, context) => repeatRows(context, averaged(context, rows)));

/**
 * A reduction whose derivative is a weighted sum: y = r(x), with slope s = ∂y/∂x of the shape of x.
 *   jvp  ẏ = Σ s·ẋ        vjp  x̄ = s·ȳ (repeated)
 */
const weighted = (op: string, kind: Rule["kind"], slope: (context: RuleContext, x: Value) => Value): Rule =>
  rule(op, {
    kind,
    jvp: (context) => {
      const { tangents: [dx], outputs: [y], g } = context;
      return dx && y && g.reshape(g.sum(g.mul(slope(context, operand(context)), dx), constant(context, 1), true), y.shape);
    },
    vjp: (context) => [context.g.mul(slope(context, operand(context)), repeat(context, context.cotangent))],
    lift: (rows, context) => context.g.mul(slope(context, operand(context)), repeatRows(context, rows)),
  });

/** The largest (smallest) entry; entries that tie share the derivative equally, as in PyTorch's amax. */
const extreme = (op: "ReduceMax" | "ReduceMin"): Rule =>
  weighted(op, "piecewise", (context, x) => {
    const { g } = context;
    const mask = g.mask(g.equal(x, kept(context)), x.dtype);
    return g.div(mask, g.sum(mask, constant(context, 1), true));
  });

export const reduceMax = extreme("ReduceMax");
export const reduceMin = extreme("ReduceMin");

/** y = √Σx²: s = x/y, 0 where all are 0. */
export const reduceL2 = weighted("ReduceL2", "smooth", (context, x) => {
  const { g } = context;
  const y = kept(context);
  return g.div(x, g.where(g.greater(y, g.scalar(0, y)), y, g.scalar(1, y)));
});

/** y = log Σ eˣ: s = e^{x − y} */
export const reduceLogSumExp = weighted("ReduceLogSumExp", "smooth", (context, x) => context.g.unary("Exp", context.g.sub(x, kept(context))));

/** y = Π x: s_i is the product of the others, exact for entries that are 0 too. */
export const reduceProd = weighted("ReduceProd", "smooth", (context, x) => {
  const { g } = context;
  const axes = constant(context, 1);
  const zero = g.scalar(0, x);
  const isZero = g.equal(x, zero);
  const zeros = g.sum(g.mask(isZero, x.dtype), axes, true);
  const filled = g.where(isZero, g.scalar(1, x), x);
  const others = g.div(g.reduce("ReduceProd", filled, axes, true), filled);
  // With no zero every entry sees the others; with one, only that entry does; with two or more nobody does.
  const alone = g.op("And", [isZero, g.equal(zeros, g.scalar(1, x))], x.shape, "bool");
  const seen = g.op("Or", [alone, g.equal(zeros, zero)], x.shape, "bool");
  return g.where(seen, others, zero);
});
