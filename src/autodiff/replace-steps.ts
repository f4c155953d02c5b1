import { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Program, Step, Value } from "../onnx/value.ts";

/** Writes what a step computes with other operators; undefined where the step stays as it is. */
export type Kernel = (step: Step, operands: readonly Operand[], g: GraphBuilder) => Value | undefined;

export type KernelOf = (step: Step) => Kernel | undefined;

/** Whether a program, or the body of one of its steps, has a step that may be written as others. */
const hasAny = ({ steps }: Program, kernelOf: KernelOf): boolean => steps.some((step) => kernelOf(step) !== undefined || Object.values(step.bodies ?? {}).some((body) => hasAny(body, kernelOf)));

/** A step with its bodies written the same way; `prefix` keeps the names of each apart. */
const withBodies = (step: Step, kernelOf: KernelOf, prefix: string): Step =>
  step.bodies ? { ...step, bodies: Object.fromEntries(Object.entries(step.bodies).map(([key, body]) => [key, replaceSteps(body, kernelOf, `${prefix}${step.outputs[0]?.name ?? ""}.${key}:`)])) } : step;

/** A step with the names that some of its values have been given. */
const renamed = (step: Step, names: ReadonlyMap<string, Value>): Step => ({ ...step, inputs: step.inputs.map((i) => i && (names.get(i.name) ?? i)), outputs: step.outputs.map((o) => names.get(o.name) ?? o) });

/**
 * A program in which steps that have no kernel where they will run are written as steps that have one, in the bodies of loops as well; the same
 * program where there is none. For steps of one result. Done when a program is loaded and not when it is differentiated: derivatives are then
 * those of the operator, by its own rule. All names stay; `prefix` begins those of new values.
 */
export const replaceSteps = (program: Program, kernelOf: KernelOf, prefix: string): Program => {
  if (!hasAny(program, kernelOf)) return program;
  const g = new GraphBuilder(prefix);
  const steps: Step[] = [];
  const names = new Map<string, Value>();
  let taken = 0;
  for (const step of program.steps) {
    const [y] = step.outputs;
    g.origin = step.name;
    const made = y && kernelOf(step)?.(step, step.inputs, g);
    const written = g.steps.slice(taken);
    taken = g.steps.length;
    // The result is known to other steps, bodies and results by the name of the step's own, unless an equal one has it already.
    const own = made && written.at(-1)?.outputs[0]?.name === made.name;
    if (own) names.set(made.name, y);
    steps.push(...written.map((one) => renamed(one, names)));
    if (!made) steps.push(withBodies(step, kernelOf, prefix));
    else if (!own) steps.push({ op: "Identity", domain: "", name: step.name, attributes: {}, inputs: [names.get(made.name) ?? made], outputs: [y] });
  }
  return { ...program, steps };
};
