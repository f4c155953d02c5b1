import type { Tensor } from "../../src/core/tensor.ts";
import type { Model } from "../../src/onnx/graph.ts";

/** A model with its parameters as inputs beside the data, and the feeds: what the generic checker of derivatives takes. */
export const fedParameters = (model: Model, parameters: readonly string[], x: Tensor): { readonly model: Model; readonly feeds: Record<string, Tensor> } => {
  const { graph } = model;
  const stored = parameters.map((name) => graph.initializers.get(name)!);
  const inputs = [...graph.inputs, ...stored.map(({ name, dtype, shape }) => ({ name, dtype, shape }))];
  const initializers = new Map([...graph.initializers].filter(([name]) => !parameters.includes(name)));
  return { model: { ...model, graph: { ...graph, inputs, initializers } }, feeds: { [graph.inputs[0]!.name]: x, ...Object.fromEntries(stored.map((s) => [s.name, s.load()])) } };
};
