import type { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Step, Value } from "../onnx/value.ts";
import { isActive, reachedFrom } from "./activity.ts";
import { needRule } from "./missing.ts";

/**
 * Forward mode: writes J·v beside a program. `tangents` gives the tangent of each source value; the tangents of `outputs` come back
 * (undefined: zero). Cost: between one and three runs of the program.
 * @throws LensError OPERATOR_RULE for a step that a derivative passes through and has no rule.
 */
export const jvp = (g: GraphBuilder, steps: readonly Step[], tangents: ReadonlyMap<Value, Value>, outputs: readonly Value[]): readonly Operand[] => {
  const reached = reachedFrom([...tangents.keys()], steps);
  const known = new Map<string, Value>([...tangents].map(([value, tangent]) => [value.name, tangent]));
  for (const step of steps) {
    if (!step.outputs.some((o) => isActive(o, reached))) continue;
    const own = step.inputs.map((input) => (input ? known.get(input.name) : undefined));
    if (own.every((t) => t === undefined)) continue;
    g.origin = step.name;
    const made = needRule(step).jvp({ step, inputs: step.inputs as readonly Value[], outputs: step.outputs, tangents: own, g });
    step.outputs.forEach((output, place) => {
      const tangent = made[place];
      if (tangent) known.set(output.name, tangent);
    });
  }
  return outputs.map((output) => known.get(output.name));
};
