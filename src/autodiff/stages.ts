import { neededSteps } from "../onnx/needed.ts";
import type { Program, Step, Value } from "../onnx/value.ts";
import { reachedFrom } from "./activity.ts";

/**
 * A program in two parts: what does not depend on `late` (run once a batch), and what does (run once for each cotangent). `carried` are
 * the values that the first part hands to the second.
 */
export interface Stages {
  readonly first: Program;
  readonly second: Program;
  readonly carried: readonly Value[];
}

/** Splits a program at its dependence on `late`. `early` and `results` are the outputs wanted of the first and the second part. */
export const splitStages = (inputs: readonly Value[], steps: readonly Step[], late: Value, early: readonly Value[], results: readonly Value[]): Stages => {
  const reached = reachedFrom([late], steps);
  const used = neededSteps(steps, [...early, ...results]);
  const before = used.filter((step) => !step.outputs.some((o) => reached.has(o.name)));
  const after = used.filter((step) => step.outputs.some((o) => reached.has(o.name)));
  const made = new Set(before.flatMap((step) => step.outputs.map((o) => o.name)));
  const given = new Set(inputs.map((i) => i.name));
  const carried = new Map<string, Value>();
  const passed = new Map<string, Value>();
  const read = [...after.flatMap((step) => step.inputs), ...results];
  for (const value of read) {
    if (!value || value.constant) continue;
    if (made.has(value.name)) carried.set(value.name, value);
    else if (given.has(value.name)) passed.set(value.name, value);
  }
  return {
    first: { inputs, steps: before, outputs: [...new Map([...early, ...carried.values()].map((v) => [v.name, v])).values()] },
    second: { inputs: [...passed.values(), ...carried.values(), late], steps: after, outputs: results },
    carried: [...carried.values()],
  };
};
