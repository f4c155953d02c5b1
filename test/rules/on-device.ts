import { isActive, reachedFrom } from "../../src/autodiff/activity.ts";
import { jvp } from "../../src/autodiff/forward.ts";
import { vjp } from "../../src/autodiff/reverse.ts";
import type { Capabilities } from "../../src/core/capabilities.ts";
import { random } from "../../src/core/random.ts";
import { float32, float64, isFloat, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { compile } from "../../src/jacobian/compiled.ts";
import { lower } from "../../src/onnx/lower.ts";
import { trace } from "../../src/onnx/trace.ts";
import type { Executor } from "../../src/onnx/executor.ts";
import type { Operand, Program, Value } from "../../src/onnx/value.ts";
import { contents, modelOf, type RuleCase, variablesOf } from "./case.ts";

/** A case's outputs, J·v and Jᵀ·u for random v and u as one program, and what to feed it. */
export interface CaseProgram {
  readonly program: Program;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** What is compared, by position; undefined is zero. */
  readonly results: readonly Operand[];
}

const drawn = ({ name, shape, dtype }: Value, seed: number): Tensor => {
  const numbers = random(seed, name).normals(sizeOf(shape));
  return dtype === "float64" ? float64(shape, numbers) : float32(shape, Float32Array.from(numbers));
};

const distinct = (values: readonly Operand[]): Value[] => [...new Map(values.flatMap((v) => (v ? [[v.name, v] as const] : []))).values()];

/** Lowers and differentiates a case for a provider with these capabilities; the same seed gives the same feeds whatever they are. */
export const caseProgram = async (executor: Executor, test: RuleCase, seed: number, capabilities?: Capabilities): Promise<CaseProgram> => {
  const content = contents(test, seed);
  const variables = variablesOf(test);
  const fed = Object.fromEntries(variables.map((name) => [name, content[name]!]));
  const { builder: g, program, inputs } = lower(await trace(executor, modelOf(test, content, variables), new Set(), fed), [], capabilities);
  const steps = [...program.steps];
  const moving = inputs.filter((input) => isFloat(input.dtype));
  const active = reachedFrom(moving, steps);
  const reached = distinct(program.outputs).filter((output) => isActive(output, active));
  const tangents = new Map(moving.map((value) => [value, g.input(`v:${value.name}`, value.dtype, value.shape)]));
  const cotangents = new Map(reached.map((value, i) => [value, g.input(`u:${i}`, value.dtype, value.shape)]));
  const results = [...program.outputs, ...jvp(g, steps, tangents, program.outputs), ...(reached.length > 0 ? vjp(g, steps, cotangents, moving) : [])];
  const seeds = Object.fromEntries([...tangents.values(), ...cotangents.values()].map((value) => [value.name, drawn(value, seed)]));
  return { program: g.finish(distinct(results)), feeds: { ...fed, ...seeds }, results };
};

/** The values of a program's results, undefined for one that is zero. */
export const evaluate = async (executor: Executor, { program, feeds, results }: CaseProgram, place: "device" | "host"): Promise<readonly (Tensor | undefined)[]> => {
  const compiled = await compile(executor, program, { place });
  try {
    const found = await compiled.run(feeds);
    return results.map((value) => value && found.get(value.name));
  } finally {
    await compiled.dispose();
  }
};

/** The largest difference of two lists of values, relative to the largest entry of each; infinite where something is not a number or missing on one side. */
export const farthest = (a: readonly (Tensor | undefined)[], b: readonly (Tensor | undefined)[]): number => {
  let worst = a.length === b.length ? 0 : Infinity;
  a.forEach((tensor, i) => {
    const other = b[i];
    if (!tensor || !other) {
      if (tensor !== other) worst = Infinity;
      return;
    }
    const scale = Array.from(other.data as ArrayLike<number>, Number).reduce((s, value) => Math.max(s, Math.abs(value)), 1e-30);
    for (let e = 0; e < other.data.length; e++) {
      const [x, y] = [Number(tensor.data[e]), Number(other.data[e])];
      const error = Object.is(x, y) ? 0 : Math.abs(x - y) / scale;
      if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
    }
  });
  return worst;
};
