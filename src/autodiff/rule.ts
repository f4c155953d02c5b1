import type { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Step, Value } from "../onnx/value.ts";
import type { Factor, SampleAxis } from "./factor.ts";

/** What every half of a rule sees: the step, its operands and results with static shapes, and the builder to write with. */
export interface RuleContext {
  readonly step: Step;
  /** Operands; `inputs[i]` is undefined where an optional one is left out. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly g: GraphBuilder;
}

export interface JvpContext extends RuleContext {
  /** Tangent of each operand; undefined is zero. */
  readonly tangents: readonly Operand[];
}

export interface VjpContext extends RuleContext {
  /** Cotangent of the first output; for operators with one. */
  readonly cotangent: Value;
  /** Cotangent of each output; undefined is zero. */
  readonly cotangents: readonly Operand[];
  /** Whether the cotangent of each operand is asked for. */
  readonly wants: readonly boolean[];
}

export interface FactorContext extends VjpContext {
  /** Which operand is the parameter. */
  readonly place: number;
  /** Sample axis of each operand; undefined for one that does not depend on the input. */
  readonly inputAxes: readonly (SampleAxis | undefined)[];
  readonly outputAxis: SampleAxis;
  readonly samples: number;
}

export interface LiftContext extends RuleContext {
  readonly place: number;
}

/** Derivative of one operator, both ways. @source each rule names its own. */
export interface Rule {
  readonly op: string;
  readonly domain: string;
  readonly kind: "linear" | "smooth" | "piecewise" | "zero";
  /** Tangents of the outputs; undefined is zero. Called only when some operand has a tangent. */
  jvp(context: JvpContext): readonly Operand[];
  /** Cotangents of the operands; undefined is zero. Called only when some output has a cotangent. */
  vjp(context: VjpContext): readonly Operand[];
  /**
   * The per-sample structure of the gradient with respect to operand `place`, which does not depend on the input; undefined where this
   * use has none (the analysis then goes one sample at a time).
   */
  factor?(context: FactorContext): Factor | undefined;
  /**
   * Where the step depends on parameters only: per-sample gradients [n, …shape of the result] taken back to operand `place`, as
   * [n, …shape of that operand]; undefined where it cannot be done for all samples at once. Not needed where `elementwise` is set.
   */
  readonly lift?: (rows: Value, context: LiftContext) => Operand;
  /** Element by element with broadcasting: per-sample gradients follow from vjp alone. */
  readonly elementwise?: true;
}

export const keyOf = (domain: string, op: string): string => `${domain}.${op}`;

interface Single {
  readonly kind?: Rule["kind"];
  readonly domain?: string;
  readonly elementwise?: true;
  readonly jvp: (context: JvpContext) => Operand;
  readonly vjp: (context: VjpContext) => readonly (Operand | false)[];
  readonly factor?: (context: FactorContext) => Factor | undefined;
  readonly lift?: (rows: Value, context: LiftContext) => Operand;
}

/** A rule for an operator with one output. `wants[i] && …` may stand in the list of cotangents. */
export const rule = (op: string, { kind = "smooth", domain = "", elementwise, jvp, vjp, factor, lift }: Single): Rule => ({
  op,
  domain,
  kind,
  ...(elementwise ? { elementwise } : {}),
  ...(factor ? { factor } : {}),
  ...(lift ? { lift } : {}),
  jvp: (context) => [jvp(context)],
  vjp: (context) => vjp(context).map((value) => (value === false ? undefined : value)),
});

/**
 * y = f(x), element by element: from its derivative f′(x), given as a value of the shape of x (it may use the result y).
 *   jvp  ẏ = f′(x)·ẋ        vjp  x̄ = f′(x)·ȳ
 */
export const elementwise = (op: string, derivative: (context: RuleContext & { readonly x: Value; readonly y: Value }) => Value, kind: Rule["kind"] = "smooth"): Rule => {
  const slope = (context: RuleContext): Value => {
    const [x] = context.inputs;
    const [y] = context.outputs;
    if (!x || !y) throw new Error(`${op} has one operand and one result`);
    return derivative({ ...context, x, y });
  };
  return rule(op, {
    kind,
    elementwise: true,
    jvp: (context) => context.tangents[0] && context.g.mul(context.tangents[0], slope(context)),
    vjp: (context) => [context.g.mul(context.cotangent, slope(context))],
  });
};

/** An operator whose first operand enters linearly and alone carries derivatives: the tangent passes through the same map. */
export const linear = (op: string, apply: (context: RuleContext, x: Value) => Value, adjoint: (context: RuleContext, y: Value) => Value, lift?: Rule["lift"]): Rule =>
  rule(op, {
    kind: "linear",
    ...(lift ? { lift } : {}),
    jvp: (context) => context.tangents[0] && apply(context, context.tangents[0]),
    vjp: (context) => [adjoint(context, context.cotangent)],
  });

/** The step's own operator with another first operand: the usual `apply` of a linear rule. */
export const again = ({ step, inputs, outputs: [out], g }: RuleContext, x: Value): Value => {
  if (!out) throw new Error(`${step.op} has a result`);
  return g.op(step.op, [x, ...inputs.slice(1)], out.shape, x.dtype, step.attributes, step.domain);
};

/** Integer-valued or stepwise: the derivative is zero wherever it exists, on purpose. */
export const zero = (op: string, domain = ""): Rule => ({ op, domain, kind: "zero", jvp: () => [], vjp: () => [] });
