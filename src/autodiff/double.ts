import { float64, type Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Attribute, Attributes } from "../onnx/graph.ts";
import type { LoweredModel } from "../onnx/lower.ts";
import type { Operand, Step, Value } from "../onnx/value.ts";
import { geometryOf, patches } from "./rules/convolution-geometry.ts";

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
 * A convolution as patches times weight: ONNX Runtime's CPU provider has no float64 Conv. Without groups it is one product [M, |kernel|·C]·
 * [n, |kernel|·C, T], whose per-sample structure the rule of MatMul knows; with groups one product for each.
 */
const convolution = (step: Step, x: Value, w: Value, y: Value, g: GraphBuilder): Value => {
  const geometry = geometryOf(step, x, y, w.shape.slice(2));
  const [out = 1, perGroup = 1, ...kernel] = w.shape;
  const [samples = 1] = x.shape;
  const { group } = geometry;
  const size = kernel.reduce((a, b) => a * b, 1);
  const positions = y.shape.slice(2).reduce((a, b) => a * b, 1);
  const order = [0, ...kernel.map((_, i) => i + 2), 1];
  const parts = Array.from({ length: group }, (_, k) => {
    const channels = g.slice(x, [k * perGroup], [(k + 1) * perGroup], [1]);
    const filters = g.slice(w, [(k * out) / group], [((k + 1) * out) / group], [0]);
    const columns = g.reshape(patches(channels, y.shape.slice(2), geometry, g), [samples, size * perGroup, positions]);
    return g.matMul(g.reshape(g.transpose(filters, order), [out / group, size * perGroup]), columns);
  });
  return g.reshape(g.concat(parts, 1), y.shape);
};

/** log(1 + eˣ) as max(x, 0) + log(1 + e^{−|x|}): there is no float64 Softplus. */
const softplus = (x: Value, g: GraphBuilder): Value =>
  g.add(g.unary("Relu", x), g.unary("Log", g.add(g.scalar(1, { dtype: "float64" }), g.unary("Exp", g.neg(g.unary("Abs", x))))));

/** Steps for an operator that ONNX Runtime's CPU provider has in float32 only; undefined for the others. */
const replacement = (step: Step, [x, w]: readonly Operand[], g: GraphBuilder): readonly Value[] | undefined => {
  const [y] = step.outputs;
  if (step.op === "Conv" && x && w && y) return [convolution(step, x, w, y, g)];
  if (step.op === "Softplus" && x) return [softplus(x, g)];
  return undefined;
};

/**
 * A lowered model that computes in float64 what the given one computes in float32: every value, constant and cast widened, convolutions
 * written as products. It loads only where the provider has float64 kernels for the remaining operators.
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
    const made = replacement(step, operands, g) ?? g.call(step.op, operands, widenAttributes(step.attributes), step.outputs.map((o) => ({ shape: o.shape, dtype: dtypeOf(o) })), step.domain);
    step.outputs.forEach((output, place) => {
      const value = made[place];
      if (value) known.set(output.name, value);
    });
  }
  return { builder: g, inputs, parameters, program: g.finish(lowered.program.outputs.flatMap((o) => widen(o) ?? [])) };
};
