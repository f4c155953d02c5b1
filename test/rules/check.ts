import { random } from "../../src/core/random.ts";
import { type Tensor, isFloat, sizeOf } from "../../src/core/tensor.ts";
import { isActive, reachedFrom } from "../../src/autodiff/activity.ts";
import { withDoubleKernels } from "../../src/autodiff/double/kernels.ts";
import { jvp } from "../../src/autodiff/forward.ts";
import { vjp } from "../../src/autodiff/reverse.ts";
import { emit, outputName } from "../../src/onnx/emit.ts";
import type { Model } from "../../src/onnx/graph.ts";
import { lower } from "../../src/onnx/lower.ts";
import { trace } from "../../src/onnx/trace.ts";
import type { Operand, Program, Value } from "../../src/onnx/value.ts";
import { writeModel } from "../../src/onnx/write.ts";
import { openRuntime } from "../../src/runtime/ort.ts";
import type { Session } from "../../src/runtime/session.ts";
import { widenModel, widenProgram, widenTensor } from "./double.ts";
import { type Difference, type Evaluate, centralDifference, isDouble } from "./finite-difference.ts";
import { dot, filledLike, flat, largest, plus } from "./numbers.ts";

/** A model whose graph inputs are fed; every floating one of them is a variable. */
export interface Subject {
  readonly name: string;
  readonly model: Model;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Where derivatives are compared, if not at `feeds`: away from kinks and from the edge of the domain. */
  readonly derivativesAt?: Readonly<Record<string, Tensor>>;
}

/** What was compared, and how well it agreed. All errors are relative. */
export interface Outcome {
  /** Operators (domain.op) that a derivative went through. */
  readonly rules: readonly string[];
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The largest entry of J·v. */
  readonly size: number;
  readonly forward: number;
  readonly jvp: number;
  readonly adjoint: number;
  /** What the finite difference was taken of, and the type that jvp and vjp ran in. */
  readonly differenceOf: string;
  readonly precision: "float64" | "float32";
}

export const executor = openRuntime("cpu", 1);

/** A session, or undefined where the runtime lacks a kernel. */
const tryLoad = async (bytes: Uint8Array): Promise<Session | undefined> => executor.load(bytes, { optimise: "none" }).catch(() => undefined);

const runOn = async (session: Session, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> =>
  session.run(Object.fromEntries(session.inputs.map((name) => [name, feeds[name] ?? (() => { throw new Error(`no feed for ${name}`); })()])));

const evaluator = (session: Session, names: readonly string[]): Evaluate => async (feeds) => {
  const results = await runOn(session, feeds);
  return flat(names.flatMap((name) => results[name] ?? []));
};

interface Derivatives {
  readonly program: Program;
  readonly variables: readonly Value[];
  readonly outputs: readonly Value[];
  readonly tangents: readonly Operand[];
  readonly cotangents: readonly Operand[];
  readonly rules: readonly string[];
}

const distinct = (values: readonly Operand[]): Value[] => [...new Map(values.flatMap((v) => (v ? [[v.name, v] as const] : []))).values()];

const tangentName = (value: Value): string => `v:${value.name}`;
const cotangentName = (index: number): string => `u:${index}`;

/** The lowered program with J·v and Jᵀ·u beside it. */
const derive = async (model: Model, feeds: Readonly<Record<string, Tensor>>): Promise<Derivatives> => {
  const { builder: g, program, inputs } = lower(await trace(executor, model, new Set(), feeds), []);
  const steps = [...program.steps];
  const variables = inputs.filter((input) => isFloat(input.dtype));
  const outputs = program.outputs;
  const active = reachedFrom(variables, steps);
  const moving = distinct(outputs).filter((o) => isActive(o, active));
  const tangents = jvp(g, steps, new Map(variables.map((v) => [v, g.input(tangentName(v), v.dtype, v.shape)])), outputs);
  const seeds = new Map(moving.map((o) => [o, g.input(cotangentName(outputs.indexOf(o)), o.dtype, o.shape)]));
  const cotangents = seeds.size > 0 ? vjp(g, steps, seeds, variables) : variables.map(() => undefined);
  const rules = steps.filter((s) => s.outputs.some((o) => active.has(o.name)) && s.inputs.some((i) => isActive(i, active))).map((s) => `${s.domain}.${s.op}`);
  return { program: g.finish(outputs), variables, outputs, tangents, cotangents, rules: [...new Set(rules)] };
};

/** Loads everything that `derive` wrote, in float64 where the kernels exist. */
const loadDerivatives = async ({ program, outputs, tangents, cotangents }: Derivatives): Promise<{ session: Session; precision: "float64" | "float32" }> => {
  const wanted = distinct([...outputs, ...tangents, ...cotangents]);
  const session = await tryLoad(emit(withDoubleKernels(widenProgram({ ...program, outputs: wanted }))));
  return session ? { session, precision: "float64" } : { session: await executor.load(emit(program, wanted), { optimise: "none" }), precision: "float32" };
};

/** Directions of the size of their inputs, so that large and small inputs are tested alike. */
const directionsFor = (variables: readonly Value[], feeds: Readonly<Record<string, Tensor>>, seed: number): Map<string, Float64Array> =>
  new Map(variables.map((variable) => {
    const content = flat([feeds[variable.name] ?? (() => { throw new Error(`no feed for ${variable.name}`); })()]);
    const size = Math.sqrt(dot(content, content) / Math.max(1, content.length));
    return [variable.name, random(seed, `direction of ${variable.name}`).normals(content.length).map((d) => d * (size > 0 ? size : 1))];
  }));

interface Products {
  readonly jv: Float64Array;
  readonly adjoint: number;
}

/** J·v from the loaded graph, and how well ⟨Jv, u⟩ = ⟨v, Jᵀu⟩ holds, relative to ‖Jv‖‖u‖ + ‖v‖‖Jᵀu‖. */
const products = async (session: Session, precision: "float64" | "float32", d: Derivatives, feeds: Readonly<Record<string, Tensor>>, directions: ReadonlyMap<string, Float64Array>, seed: number): Promise<Products> => {
  const suit = (tensor: Tensor): Tensor => (precision === "float64" ? widenTensor(tensor) : tensor);
  const given: Record<string, Tensor> = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, suit(tensor)]));
  const like = (value: Value): Tensor => suit({ dtype: value.dtype, shape: value.shape, data: new Float32Array(sizeOf(value.shape)) } as Tensor);
  for (const variable of d.variables) given[tangentName(variable)] = filledLike(like(variable), directions.get(variable.name) ?? new Float64Array());
  const seeds = d.outputs.map((output, i) => random(seed, `cotangent ${i}`).normals(sizeOf(output.shape)));
  d.outputs.forEach((output, i) => { if (isFloat(output.dtype)) given[cotangentName(i)] = filledLike(like(output), seeds[i] ?? new Float64Array()); });
  const results = await runOn(session, given);
  const read = (value: Operand, size: number): Float64Array => {
    const held = value && results[outputName(d.program, value)];
    return held ? flat([held]) : new Float64Array(size);
  };
  const floats = d.outputs.map((o, i) => ({ o, i })).filter(({ o }) => isFloat(o.dtype));
  const tangents = floats.map(({ o, i }) => read(d.tangents[i], sizeOf(o.shape)));
  // A value that is an output twice has one cotangent.
  const left = floats.flatMap(({ o, i }, at) => (d.outputs.indexOf(o) === i ? [[tangents[at] ?? new Float64Array(), seeds[i] ?? new Float64Array()] as const] : []));
  const right = d.variables.map((v, i) => [read(d.cotangents[i], sizeOf(v.shape)), directions.get(v.name) ?? new Float64Array()] as const);
  const inner = (pairs: readonly (readonly [Float64Array, Float64Array])[]): number => pairs.reduce((sum, [a, b]) => sum + dot(a, b), 0);
  const norm = (vectors: readonly Float64Array[]): number => Math.sqrt(vectors.reduce((sum, a) => sum + dot(a, a), 0));
  const size = norm(left.map(([a]) => a)) * norm(left.map(([, b]) => b)) + norm(right.map(([a]) => a)) * norm(right.map(([, b]) => b));
  const jv = new Float64Array(tangents.reduce((n, t) => n + t.length, 0));
  let at = 0;
  for (const t of tangents) { jv.set(t, at); at += t.length; }
  return { jv, adjoint: Math.abs(inner(left) - inner(right)) / Math.max(size, Number.MIN_VALUE) };
};

/** The difference quotient of the model itself in float64; of the lowered program in float64; or of the model in float32. */
const difference = async (subject: Subject, d: Derivatives, feeds: Readonly<Record<string, Tensor>>, directions: ReadonlyMap<string, Float64Array>): Promise<Difference & { readonly of: string; readonly single: boolean }> => {
  const names = subject.model.graph.outputs.map((o) => o.name);
  const take = async (session: Session, fetched: readonly string[], dtype: "float64" | "float32", of: string) => {
    try {
      return { ...(await centralDifference(evaluator(session, fetched), feeds, directions, dtype)), of, single: dtype === "float32" };
    } finally {
      await session.dispose();
    }
  };
  const { graph, opsets } = widenModel(subject.model);
  const model = await tryLoad(writeModel(graph, opsets));
  // Some kernels take float64 and go through float32 inside or hand it out (the normalisations): too coarse for small steps.
  if (model && !Object.values(model.outputTypes).includes("float32") && (await isDouble(evaluator(model, names), feeds, directions))) return take(model, names, "float64", "the model, float64");
  await model?.dispose();
  const outputs = distinct(d.outputs);
  const wide = withDoubleKernels(widenProgram({ ...d.program, outputs }));
  const program = await tryLoad(emit(wide));
  if (program) return take(program, d.outputs.map((o) => outputName(d.program, o)), "float64", "the lowered program, float64");
  return take(await executor.load(writeModel(subject.model.graph, subject.model.opsets), { optimise: "none" }), names, "float32", "the model, float32");
};

const relative = (a: Float64Array, b: Float64Array, floor: number): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  if (a.length === 0) return 0;
  return largest(plus(a, -1, b)) / Math.max(largest(a), largest(b), floor);
};

/**
 * Checks one model: (a) the lowered program computes what the model does, (b) jvp equals a central difference of ONNX Runtime, (c) vjp
 * is the adjoint of jvp. Cost: about a dozen runs.
 */
export const check = async (subject: Subject, seed: number): Promise<Outcome> => {
  const { graph, opsets } = subject.model;
  const names = graph.outputs.map((o) => o.name);
  const original = await executor.load(writeModel(graph, opsets), { optimise: "none" });
  const expected = await runOn(original, subject.feeds).finally(() => original.dispose());
  const d = await derive(subject.model, subject.feeds);
  const plain = await executor.load(emit(d.program, distinct(d.outputs)), { optimise: "none" });
  const computed = await runOn(plain, subject.feeds).finally(() => plain.dispose());
  const outputs = Object.fromEntries(names.map((name, i) => [name, (d.outputs[i] && computed[outputName(d.program, d.outputs[i])]) ?? (() => { throw new Error(`output ${name} is not made`); })()]));
  const all = (tensors: readonly (Tensor | undefined)[]): Float64Array => Float64Array.from(tensors.flatMap((t) => (t ? Array.from(t.data as ArrayLike<number | bigint>, Number) : [])));
  const forward = relative(all(names.map((n) => outputs[n])), all(names.map((n) => expected[n])), 1e-3);
  const feeds = subject.derivativesAt ?? subject.feeds;
  const directions = directionsFor(d.variables, feeds, seed);
  const { session, precision } = await loadDerivatives(d);
  const { jv, adjoint } = await products(session, precision, d, feeds, directions, seed).finally(() => session.dispose());
  if (d.variables.length === 0) return { rules: d.rules, outputs, size: 0, forward, jvp: 0, adjoint, differenceOf: "no variable", precision };
  const quotient = await difference(subject, d, feeds, directions);
  // Beyond its own error bar, a difference is held against the size of the derivative, or of the rounding of f over the step.
  const floor = (quotient.single ? 1e-2 : 1e-6) * largest(flat(names.flatMap((n) => expected[n] ?? [])));
  const scale = Math.max(largest(jv), largest(quotient.value), floor, Number.MIN_VALUE);
  const error = Math.max(0, relative(jv, quotient.value, scale) - (2 * quotient.bar) / scale);
  const uncertain = quotient.bar / scale > (quotient.single ? 0.05 : 1e-3);
  return { rules: d.rules, outputs, size: largest(jv), forward, jvp: uncertain ? Math.max(error, quotient.bar / scale) : error, adjoint, differenceOf: quotient.of, precision };
};

/** Largest errors that pass. */
export const TOLERANCE = { forward: 2e-5, jvp: { float64: 1e-6, float32: 5e-5 }, difference: 2e-3, adjoint: { float64: 1e-12, float32: 2e-6 } } as const;

/** What is wrong with an outcome, in words; empty when all agree. */
export const complaints = ({ forward, jvp: tangent, adjoint, differenceOf, precision }: Outcome): string[] => {
  const limit = differenceOf.endsWith("float64") ? TOLERANCE.jvp[precision] : TOLERANCE.difference;
  return [
    ...(forward <= TOLERANCE.forward ? [] : [`the lowered program differs from the model by ${forward.toExponential(1)}`]),
    ...(tangent <= limit ? [] : [`jvp (${precision}) differs from the central difference of ${differenceOf} by ${tangent.toExponential(1)}`]),
    ...(adjoint <= TOLERANCE.adjoint[precision] ? [] : [`the adjoint identity (${precision}) is off by ${adjoint.toExponential(1)}`]),
  ];
};
