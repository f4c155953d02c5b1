import { type DType, type Tensor, toNumbers } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import type { GraphBuilder } from "./builder.ts";
import { describe, type Node } from "./graph.ts";
import type { Operand, Value } from "./value.ts";

/** What a lowering sees: the node as exported, its operands with their traced shapes, and what its outputs were in the traced run. */
export interface LoweringContext {
  readonly node: Node;
  /** Version of the operator set of the node's domain that the model was written in. */
  readonly opset: number;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype: DType }[];
  readonly g: GraphBuilder;
}

/**
 * Writes one node of any opset as steps of the canonical opset, all of which have a derivative rule. Returns one value per output;
 * undefined for an output that is not made (and must not be used).
 */
export interface Lowering {
  readonly op: string;
  readonly domain: string;
  lower(context: LoweringContext): readonly Operand[];
}

export const lowering = (op: string, lower: Lowering["lower"], domain = ""): Lowering => ({ op, domain, lower });

/** The operand at a place that must be there. @throws LensError MODEL_NODE. */
export const need = ({ node, inputs }: LoweringContext, place: number): Value => {
  const value = inputs[place];
  if (!value) throw new LensError("MODEL_NODE", `${describe(node)} has no input number ${place + 1}.`, "Check the model with onnx.checker, and export it again.");
  return value;
};

/** The content of an operand that steers an operator (axes, shapes, pads …). @throws LensError MODEL_DYNAMIC when it depends on the data. */
export const constantOf = (context: LoweringContext, place: number): Tensor | undefined => {
  const value = context.inputs[place];
  if (value === undefined) return undefined;
  if (value.constant) return value.constant;
  throw new LensError("MODEL_DYNAMIC", `Input ${place + 1} of ${describe(context.node)} depends on the data, where a constant is needed.`, "Export the model with fixed axes, sizes and pads.");
};

export const numbersOf = (context: LoweringContext, place: number): number[] | undefined => {
  const tensor = constantOf(context, place);
  return tensor === undefined ? undefined : toNumbers(tensor);
};
