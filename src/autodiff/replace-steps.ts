import { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Program, Step, Value } from "../onnx/value.ts";

/** Writes what a step computes with other operators; undefined where the step stays as it is. */
export type Kernel = (step: Step, operands: readonly Operand[], g: GraphBuilder) => Value | undefined;

export type KernelOf = (step: Step) => Kernel | undefined;

/** Whether a program, or the body of one of its steps, has a step that may be written as others. */
const hasAny = ({ steps }: Program, kernelOf: KernelOf): boolean => steps.some((step) => kernelOf(step) !== undefined || Object.values(step.bodies ?? {}).some((body) => hasAny(body, kernelOf)));

/** What has been replaced so far, here and in the programs around; each program writes under a prefix of its own. */
interface Rewriting {
  readonly kernelOf: KernelOf;
  readonly prefix: string;
  readonly replaced: Map<string, Value>;
  prefixes: number;
}

const rewritten = (program: Program, rewriting: Rewriting): Program => {
  const { kernelOf, prefix, replaced } = rewriting;
  const g = new GraphBuilder(rewriting.prefixes === 0 ? `${prefix}:` : `${prefix}${rewriting.prefixes}:`);
  rewriting.prefixes++;
  const current = (value: Operand): Operand => value && (replaced.get(value.name) ?? value);
  const steps: Step[] = [];
  let taken = 0;
  for (const step of program.steps) {
    const operands = step.inputs.map(current);
    const [y] = step.outputs;
    g.origin = step.name;
    const made = y && kernelOf(step)?.(step, operands, g);
    steps.push(...g.steps.slice(taken));
    taken = g.steps.length;
    if (made) replaced.set(y.name, made);
    else steps.push({ ...step, inputs: operands, ...(step.bodies ? { bodies: Object.fromEntries(Object.entries(step.bodies).map(([name, body]) => [name, rewritten(body, rewriting)])) } : {}) });
  }
  // What is asked for under a name that no step makes any more is handed on under it.
  const renamed = program.outputs.flatMap((output): Step[] => {
    const made = replaced.get(output.name);
    return made ? [{ op: "Identity", domain: "", name: output.name, attributes: {}, inputs: [made], outputs: [output] }] : [];
  });
  return { ...program, steps: [...steps, ...renamed] };
};

/**
 * A program in which steps that have no kernel where they will run are written as steps that have one, also inside of bodies; the same program
 * where there is none. For steps of one result. Done when a program is loaded and not when it is differentiated: derivatives are then those of
 * the operator, by its own rule. Inputs, outputs and their names stay; names of new values begin with `prefix`.
 */
export const replaceSteps = (program: Program, kernelOf: KernelOf, prefix: string): Program =>
  hasAny(program, kernelOf) ? rewritten(program, { kernelOf, prefix, replaced: new Map(), prefixes: 0 }) : program;
