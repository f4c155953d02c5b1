import { type Tensor, float64 } from "../../src/core/tensor.ts";
import type { Attribute, Attributes, Graph, Initializer, Model, Node } from "../../src/onnx/graph.ts";
import type { Program, Step, Value } from "../../src/onnx/value.ts";

/** The same numbers in float64; other types as they are. */
export const widenTensor = (tensor: Tensor): Tensor => (tensor.dtype === "float32" ? float64(tensor.shape, Float64Array.from(tensor.data)) : tensor);

const FLOAT = 1n;
const DOUBLE = 11n;

const widenAttribute = (key: string, attribute: Attribute): Attribute => {
  if (attribute.type === "tensor") return { type: "tensor", value: widenTensor(attribute.value) };
  if (attribute.type === "graph") return { type: "graph", value: widenGraph(attribute.value) };
  if ((key === "to" || key === "dtype") && attribute.type === "int" && attribute.value === FLOAT) return { type: "int", value: DOUBLE };
  return attribute;
};

const widenAttributes = (attributes: Attributes): Attributes => Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, widenAttribute(key, value)]));

const widenInitializer = (initializer: Initializer): Initializer =>
  initializer.dtype === "float32" ? { ...initializer, dtype: "float64", load: () => widenTensor(initializer.load()) } : initializer;

const widenNode = (node: Node): Node => ({ ...node, attributes: widenAttributes(node.attributes) });

const widenGraph = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map(widenNode),
  inputs: graph.inputs.map((input) => (input.dtype === "float32" ? { ...input, dtype: "float64" } : input)),
  outputs: graph.outputs.map((output) => (output.dtype === "float32" ? { ...output, dtype: "float64" } : output)),
  initializers: new Map([...graph.initializers].map(([name, initializer]) => [name, widenInitializer(initializer)])),
});

/** A model that computes in float64 what the given one computes in float32. It loads only where the runtime has such kernels. */
export const widenModel = (model: Model): Model => ({ ...model, graph: widenGraph(model.graph) });

const widenValue = (value: Value): Value => {
  if (value.dtype !== "float32") return value;
  return { name: value.name, shape: value.shape, dtype: "float64", ...(value.constant ? { constant: widenTensor(value.constant) } : {}) };
};

const widenStep = (step: Step): Step => ({
  ...step,
  attributes: widenAttributes(step.attributes),
  inputs: step.inputs.map((input) => input && widenValue(input)),
  outputs: step.outputs.map(widenValue),
});

/** A program in float64; names stay. */
export const widenProgram = (program: Program): Program => ({
  inputs: program.inputs.map(widenValue),
  outputs: program.outputs.map(widenValue),
  steps: program.steps.map(widenStep),
});
