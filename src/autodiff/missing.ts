import { LensError } from "../core/errors.ts";
import type { Step } from "../onnx/value.ts";
import type { Rule } from "./rule.ts";
import { ruleFor } from "./rules/index.ts";

/** The rule of a step. @throws LensError OPERATOR_RULE naming operator and node. */
export const needRule = (step: Step): Rule => {
  const rule = ruleFor(step.domain, step.op);
  if (rule) return rule;
  const name = step.domain === "" ? step.op : `${step.domain}.${step.op}`;
  throw new LensError("OPERATOR_RULE", `There is no derivative rule for operator ${name} (node "${step.name}").`, "`jacobian-lens operators MODEL` lists what is missing; leave the parameters before this node out with --parameters, or export the model with standard operators.");
};
