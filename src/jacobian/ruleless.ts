import { isActive, reachedFrom } from "../autodiff/activity.ts";
import { ruleFor } from "../autodiff/rules/index.ts";
import type { Step, Value } from "../onnx/value.ts";
import type { Network } from "./network.ts";

/** A parameter whose derivative passes through an operator without a rule, and that operator's node. */
export interface Ruleless {
  readonly parameter: string;
  readonly operator: string;
  readonly node: string;
}

/** Values from which some path leads to the output. */
const leadingTo = (output: Value, steps: readonly Step[]): ReadonlySet<string> => {
  const wanted = new Set([output.name]);
  for (const step of [...steps].reverse()) if (step.outputs.some((o) => wanted.has(o.name))) for (const input of step.inputs) if (input) wanted.add(input.name);
  return wanted;
};

/** The parameters that stand before an operator without a derivative rule. Cost: one pass for each such operator. */
export const rulelessParameters = ({ lowered, output }: Network): readonly Ruleless[] => {
  const { steps } = lowered.program;
  const wanted = leadingTo(output, steps);
  const blocking = steps.filter((step) => ruleFor(step.domain, step.op) === undefined && step.outputs.some((o) => wanted.has(o.name)));
  if (blocking.length === 0) return [];
  return lowered.parameters.flatMap((parameter): Ruleless[] => {
    const reached = reachedFrom([parameter], steps);
    const step = blocking.find((s) => s.inputs.some((i) => isActive(i, reached)) && s.outputs.some((o) => isActive(o, reached)));
    return step ? [{ parameter: parameter.name, operator: step.domain === "" ? step.op : `${step.domain}.${step.op}`, node: step.name }] : [];
  });
};
