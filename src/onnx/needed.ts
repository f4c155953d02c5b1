import type { Program, Step, Value } from "./value.ts";

/** Bodies do not change, and each is asked for several times. */
const captured = new WeakMap<Program, readonly Value[]>();

/** What the steps of a body read from around it. */
const capturedBy = (body: Program): readonly Value[] => {
  const known = captured.get(body);
  if (known) return known;
  const inner = new Set([...body.inputs, ...body.steps.flatMap((s) => s.outputs)].map((v) => v.name));
  const found = [...body.steps.flatMap(readsOf), ...body.outputs].filter((v) => !inner.has(v.name));
  captured.set(body, found);
  return found;
};

/** Everything that a step reads: its operands, and what its bodies capture. */
export const readsOf = (step: Step): Value[] => [...step.inputs.flatMap((i) => i ?? []), ...Object.values(step.bodies ?? {}).flatMap(capturedBy)];

/** The steps that `outputs` need, in order. */
export const neededSteps = (steps: readonly Step[], outputs: readonly Value[]): Step[] => {
  const needed = new Set(outputs.map((o) => o.name));
  const kept: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!step.outputs.some((o) => needed.has(o.name))) continue;
    kept.push(step);
    for (const value of readsOf(step)) needed.add(value.name);
  }
  return kept.reverse();
};
