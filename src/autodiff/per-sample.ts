import type { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Step, Value } from "../onnx/value.ts";
import { isActive, reachedFrom } from "./activity.ts";
import { type Arrange, asIs, type Factor, isWritable, materialise, rearranged, rowsAlong, type SampleAxis, widenedShape } from "./factor.ts";
import { vjp } from "./reverse.ts";
import type { FactorContext, Rule, VjpContext } from "./rule.ts";
import { ruleFor } from "./rules/index.ts";

/** The per-sample gradients of one parameter. */
export interface ParameterFactor {
  readonly parameter: Value;
  readonly factor: Factor;
}

export interface PerSample {
  readonly factors: readonly ParameterFactor[];
  /** Parameters whose use has no per-sample structure that we know, with the node that stands in the way. */
  readonly unstructured: readonly { readonly parameter: Value; readonly node: string }[];
}

export interface PerSampleRequest {
  readonly steps: readonly Step[];
  readonly output: Value;
  readonly cotangent: Value;
  readonly inputs: readonly Value[];
  readonly parameters: readonly Value[];
  /** Samples in the batch that the program was traced with. */
  readonly samples: number;
  readonly axisOf: (value: Value) => SampleAxis | undefined;
}

/**
 * Per-sample gradient of an elementwise step with respect to a broadcast operand: its own vjp, told that the operand had the sample axis
 * too, so that it sums over every other axis only.
 */
const broadcastFactor = (rule: Rule, context: VjpContext, place: number, where: SampleAxis, samples: number): Factor | undefined => {
  const { inputs, outputs: [y], g } = context;
  const operand = inputs[place];
  if (!operand || !y) return undefined;
  const widened = widenedShape(operand.shape, y.shape.length, where, samples);
  if (!widened) return undefined;
  const asked = inputs.map((input, i) => (i === place ? { ...input, shape: widened } : input));
  const wide = rule.vjp({ ...context, inputs: asked, wants: inputs.map((_, i) => i === place) })[place];
  return wide && rowsAlong(wide, operand.shape, where, samples, g);
};

/** How a step that only moves entries passes per-sample gradients of its result on to its operand: order is all that changes. */
const moved = (step: Step): Arrange | undefined => {
  const [x] = step.inputs;
  const rule = ruleFor(step.domain, step.op);
  if (!x || !rule || (step.op !== "Transpose" && step.op !== "Reshape")) return undefined;
  if (step.op === "Reshape") return (rows, g) => g.reshape(rows, [rows.shape[0] ?? 1, ...x.shape]);
  return (rows, g) => {
    const permutation = step.attributes.perm?.type === "ints" ? step.attributes.perm.value.map(Number) : x.shape.map((_, i) => x.shape.length - 1 - i);
    const inverse = permutation.map((_, i) => permutation.indexOf(i) + 1);
    return g.transpose(rows, [0, ...inverse]);
  };
};

/**
 * Per-sample gradients of a step between parameters and the network (a scaled weight, a product of two, a part of one) taken back to an
 * operand, written out. For an elementwise rule the operand is repeated with the samples as an axis in front.
 */
const lifted = (rows: Value, step: Step, place: number, g: GraphBuilder): Operand => {
  const rule = ruleFor(step.domain, step.op);
  const [y] = step.outputs;
  const operand = step.inputs[place];
  if (!rule || !y || !operand || step.outputs.length > 1) return undefined;
  const context = { step, inputs: step.inputs as readonly Value[], outputs: step.outputs, g };
  if (rule.lift) return rule.lift(rows, { ...context, place });
  if (!rule.elementwise) return undefined;
  const samples = rows.shape[0] ?? 1;
  const widened = [samples, ...Array.from({ length: y.shape.length - operand.shape.length }, () => 1), ...operand.shape];
  const repeated = g.expand(g.reshape(operand, [1, ...widened.slice(1)]), widened);
  const inputs = context.inputs.map((input, i) => (i === place ? repeated : input));
  const wide = rule.vjp({ ...context, inputs, cotangent: rows, cotangents: [rows], wants: inputs.map((_, i) => i === place) })[place];
  return wide && g.reshape(wide, [samples, ...operand.shape]);
};

/** A factor of a step's result as one of its operand; undefined where there is no way for all samples at once. */
const pullBack = (factor: Factor, step: Step, place: number, g: GraphBuilder): Factor | undefined => {
  const move = moved(step);
  if (move) return rearranged(factor, move);
  if (!isWritable(factor)) return undefined;
  const rows = lifted(materialise(factor, g), step, place, g);
  return rows && { kind: "rows", rows, arrange: asIs };
};

/** A value that was repeated for every sample, and the cotangent it gets for each of them. */
interface Spread { readonly source: Value; readonly factor: Factor }

/**
 * A value between parameters and the network that has one equal copy for each sample (a class token under Expand): a copy's cotangent is
 * the gradient of its sample. `cotangent` is the operand's; reshapes between Expand and use are undone.
 */
const spreadOf = (operand: Value, cotangent: Value, axisOf: PerSampleRequest["axisOf"], samples: number, g: GraphBuilder): Spread | undefined => {
  const maker = g.makerOf(operand);
  const [source] = maker?.inputs ?? [];
  if (!maker || !source) return undefined;
  if (maker.op === "Reshape") return spreadOf(source, g.reshape(cotangent, source.shape), axisOf, samples, g);
  const where = axisOf(operand);
  const aligned = [...Array.from({ length: operand.shape.length - source.shape.length }, () => 1), ...source.shape];
  if (maker.op !== "Expand" || !where || where.outer * where.inner !== 1 || aligned[where.axis] !== 1) return undefined;
  const summed = g.sumTo(cotangent, aligned.map((d, axis) => (axis === where.axis ? samples : d)));
  const front = g.transpose(summed, [where.axis, ...aligned.map((_, i) => i).filter((i) => i !== where.axis)]);
  return { source, factor: { kind: "rows", rows: g.reshape(front, [samples, ...source.shape]), arrange: asIs } };
};

/** Whether `spreadOf` would find something, before anything is written. */
const isSpread = (operand: Value, axisOf: PerSampleRequest["axisOf"], g: GraphBuilder): boolean => {
  const maker = g.makerOf(operand);
  const [source] = maker?.inputs ?? [];
  if (!maker || !source) return false;
  return maker.op === "Reshape" ? isSpread(source, axisOf, g) : maker.op === "Expand" && axisOf(operand) !== undefined;
};

/** Several uses of one parameter: their per-sample gradients add, so they are written out. */
const joined = (factors: readonly Factor[], g: GraphBuilder): Factor => {
  const [only] = factors;
  if (factors.length === 1 && only) return only;
  const sum = g.sumOf(...factors.map((factor) => materialise(factor, g)));
  if (!sum) throw new Error("joined is called with factors");
  return { kind: "rows", rows: sum, arrange: asIs };
};

/**
 * Writes the per-sample gradients of `output` (with its cotangent) with respect to each parameter, as factors, beside the program.
 * Values that depend on parameters only (a transposed weight) collect factors first and pass them on by moving entries.
 * @throws LensError OPERATOR_RULE.
 */
export const perSample = (g: GraphBuilder, request: PerSampleRequest): PerSample => {
  const { steps, samples, axisOf, parameters } = request;
  const onInput = reachedFrom(request.inputs, steps);
  const onParameters = reachedFrom(parameters, steps);
  const collected = new Map<string, Factor[]>();
  const blocked = new Map<string, string>();
  const collect = (value: Value, factor: Factor | undefined, node: string): void => {
    if (factor) collected.set(value.name, [...(collected.get(value.name) ?? []), factor]);
    else blocked.set(value.name, node);
  };
  vjp(g, steps, new Map([[request.output, request.cotangent]]), parameters, (rule, context, place) => {
    const operand = context.inputs[place];
    const [y] = context.outputs;
    if (!operand || !y || onInput.has(operand.name) || !onInput.has(y.name)) return false;
    const outputAxis = axisOf(y);
    if (isSpread(operand, axisOf, g)) {
      const own = rule.vjp({ ...context, wants: context.inputs.map((_, i) => i === place) })[place];
      const spread = own && spreadOf(operand, own, axisOf, samples, g);
      collect(spread?.source ?? operand, spread?.factor, context.step.name);
      return true;
    }
    const full: FactorContext | undefined = outputAxis && { ...context, place, samples, outputAxis, inputAxes: context.inputs.map((i) => (onInput.has(i.name) ? axisOf(i) : undefined)) };
    const factor = full && (rule.factor ? rule.factor(full) : rule.elementwise && outputAxis ? broadcastFactor(rule, context, place, outputAxis, samples) : undefined);
    collect(operand, factor, context.step.name);
    return true;
  });
  const parameterOnly = steps.filter((step) => step.outputs.some((o) => isActive(o, onParameters) && !onInput.has(o.name)));
  for (const step of [...parameterOnly].reverse()) {
    const factors = step.outputs.flatMap((output) => collected.get(output.name) ?? []);
    const isBlocked = step.outputs.some((output) => blocked.has(output.name));
    if (factors.length === 0 && !isBlocked) continue;
    g.origin = step.name;
    step.inputs.forEach((input, place) => {
      if (!isActive(input, onParameters)) return;
      if (isBlocked) collect(input, undefined, step.name);
      else for (const factor of factors) collect(input, pullBack(factor, step, place, g), step.name);
    });
  }
  for (const parameter of parameters) {
    const own = collected.get(parameter.name) ?? [];
    if (own.length > 1 && !own.every(isWritable)) collect(parameter, undefined, "several uses of a large table");
  }
  const unstructured = parameters.flatMap((parameter) => {
    const node = blocked.get(parameter.name);
    return node === undefined ? [] : [{ parameter, node }];
  });
  const factors = parameters.flatMap((parameter) => {
    const own = collected.get(parameter.name);
    return own && !blocked.has(parameter.name) ? [{ parameter, factor: joined(own, g) }] : [];
  });
  return { factors, unstructured };
};
