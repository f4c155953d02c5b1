import { float64, type Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Attribute, Attributes } from "../onnx/graph.ts";
import type { LoweredModel } from "../onnx/lower.ts";
import type { Operand, Value } from "../onnx/value.ts";

/** The same numbers in float64; other types as they are. */
export const widenTensor = (tensor: Tensor): Tensor => (tensor.dtype === "float32" ? float64(tensor.shape, Float64Array.from(tensor.data)) : tensor);

/** ONNX's codes of float32 and float64, as attributes of Cast hold them. */
const FLOAT = 1n;
const DOUBLE = 11n;

const widenAttribute = (key: string, attribute: Attribute): Attribute => {
  if (attribute.type === "tensor") return { type: "tensor", value: widenTensor(attribute.value) };
  if ((key === "to" || key === "dtype") && attribute.type === "int" && attribute.value === FLOAT) return { type: "int", value: DOUBLE };
  return attribute;
};

const widenAttributes = (attributes: Attributes): Attributes => Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, widenAttribute(key, value)]));

/**
 * A lowered model that computes in float64 what the given one computes in float32: every value, constant and cast widened. It loads only
 * where the provider has float64 kernels, of its own or by `withDoubleKernels`.
 */
export const inDouble = (lowered: LoweredModel): LoweredModel => {
  const g = new GraphBuilder();
  const known = new Map<string, Value>();
  const widen = (value: Operand): Operand => {
    if (!value) return undefined;
    const made = known.get(value.name);
    if (made) return made;
    // Under a name of the new builder: those of the old one would meet the constants that it makes.
    const wide = value.constant ? g.constant(widenTensor(value.constant)) : value;
    known.set(value.name, wide);
    return wide;
  };
  const dtypeOf = (value: Value): Value["dtype"] => (value.dtype === "float32" ? "float64" : value.dtype);
  const opened = (value: Value): Value => {
    const input = g.input(value.name, dtypeOf(value), value.shape);
    known.set(value.name, input);
    return input;
  };
  const inputs = lowered.inputs.map(opened);
  const parameters = lowered.parameters.map(opened);
  for (const step of lowered.program.steps) {
    g.origin = step.name;
    const operands = step.inputs.map(widen);
    const made = g.call(step.op, operands, widenAttributes(step.attributes), step.outputs.map((o) => ({ shape: o.shape, dtype: dtypeOf(o) })), step.domain);
    step.outputs.forEach((output, place) => {
      const value = made[place];
      if (value) known.set(output.name, value);
    });
  }
  return { builder: g, inputs, parameters, program: g.finish(lowered.program.outputs.flatMap((o) => widen(o) ?? [])) };
};
