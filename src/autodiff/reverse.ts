import type { GraphBuilder } from "../onnx/builder.ts";
import type { Operand, Step, Value } from "../onnx/value.ts";
import { isActive, reachedFrom } from "./activity.ts";
import { needRule } from "./missing.ts";
import type { Rule, VjpContext } from "./rule.ts";

/** Decides for one operand of one step, before its rule is called, whether somebody else takes care of its cotangent. */
export type Intercept = (rule: Rule, context: VjpContext, place: number) => boolean;

/**
 * Reverse mode: writes uᵀ·J beside a program. `cotangents` gives the cotangent of each output; those of `sources` come back (undefined:
 * zero). `intercept` may take an operand's cotangent over (per-sample factors do). Cost: about two runs of the program.
 * @throws LensError OPERATOR_RULE for a step that a derivative passes through and has no rule.
 */
export const vjp = (g: GraphBuilder, steps: readonly Step[], cotangents: ReadonlyMap<Value, Value>, sources: readonly Value[], intercept: Intercept = () => false): readonly Operand[] => {
  const reached = reachedFrom(sources, steps);
  const known = new Map<string, Value>([...cotangents].map(([value, cotangent]) => [value.name, cotangent]));
  for (const step of [...steps].reverse()) {
    const own = step.outputs.map((output) => known.get(output.name));
    const cotangent = own.find((c) => c !== undefined);
    if (!cotangent || !step.inputs.some((input) => isActive(input, reached))) continue;
    const rule = needRule(step);
    g.origin = step.name;
    const context: VjpContext = { step, inputs: step.inputs as readonly Value[], outputs: step.outputs, cotangent: own[0] ?? cotangent, cotangents: own, wants: [], g };
    const wants = step.inputs.map((input, place) => isActive(input, reached) && !intercept(rule, context, place));
    if (!wants.includes(true)) continue;
    rule.vjp({ ...context, wants }).forEach((value, place) => {
      const input = step.inputs[place];
      if (!value || !input || wants[place] !== true) return;
      const before = known.get(input.name);
      known.set(input.name, before ? g.add(before, value) : value);
    });
  }
  return sources.map((source) => known.get(source.name));
};
