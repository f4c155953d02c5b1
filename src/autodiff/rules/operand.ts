import { type Tensor, toNumbers } from "../../core/tensor.ts";
import type { Value } from "../../onnx/value.ts";
import { intAttribute } from "../../onnx/graph.ts";
import { normaliseAxis } from "../../onnx/value.ts";
import type { RuleContext } from "../rule.ts";

/** The first operand. */
export const operand = ({ inputs: [x], step }: RuleContext): Value => {
  if (!x) throw new Error(`${step.op} has an operand`);
  return x;
};

/** The content of an operand that lowering made constant, as numbers. */
export const constant = ({ inputs, step }: RuleContext, place: number): number[] => {
  const tensor: Tensor | undefined = inputs[place]?.constant;
  if (!tensor) throw new Error(`operand ${place + 1} of ${step.op} is constant after lowering`);
  return toNumbers(tensor);
};

/** The attribute `axis`, counted from the front of the first operand. */
export const axisOf = (context: RuleContext, fallback = 0): number => normaliseAxis(intAttribute(context.step, "axis", fallback), operand(context).shape.length);
