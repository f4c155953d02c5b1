import { float32, type Tensor } from "../../../src/core/tensor.ts";
import type { Attributes, Graph, Initializer, LocalFunction, Model, Node, ValueInfo } from "../../../src/onnx/graph.ts";
import { type PlainAttributes, toAttributes } from "../../../src/onnx/program-writer.ts";
import { readModel } from "../../../src/onnx/read.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";

export const executor = openRuntime("cpu", 1);

export const node = (op: string, inputs: readonly string[], outputs: readonly string[], attributes: PlainAttributes = {}, domain = "", name = outputs[0] ?? op): Node => ({ op, domain, name, inputs, outputs, attributes: toAttributes(attributes) });

export const stored = (name: string, tensor: Tensor): Initializer => ({ name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });

export const value = (name: string, shape: ValueInfo["shape"] = null, dtype: ValueInfo["dtype"] = shape === null ? null : "float32"): ValueInfo => ({ name, dtype, shape });

/** A float32 tensor 0.1, 0.2, … with alternating signs. */
export const ramp = (...shape: readonly number[]): Tensor => float32(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i % 2 === 0 ? 1 : -1) * (i + 1)) / 10));

export const bool = (flag: boolean): Tensor => ({ dtype: "bool", shape: [], data: Uint8Array.of(flag ? 1 : 0) });

interface Parts {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly ValueInfo[];
  /** By name, or with a type where an operator asks its body for one. */
  readonly outputs: readonly (string | ValueInfo)[];
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

/** A graph inside a node. */
export const graph = ({ nodes, inputs = [], outputs, tensors = {} }: Parts): Graph => ({
  name: "g", nodes, inputs, outputs: outputs.map((output) => (typeof output === "string" ? value(output) : output)),
  initializers: new Map(Object.entries(tensors).map(([name, tensor]) => [name, stored(name, tensor)])),
});

/** A graph as an attribute. */
export const body = (parts: Parts): Attributes[string] => ({ type: "graph", value: graph(parts) });

export interface SmallModel extends Parts {
  readonly opset?: number;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly functions?: readonly LocalFunction[];
  readonly producer?: string;
}

/** A model that went through its serialised form, as every real one does. */
export const model = ({ opset = 17, opsets = {}, functions = [], producer = "pytorch 2.1", ...parts }: SmallModel): Model => {
  const sets = new Map([["", opset], ...Object.entries(opsets)]);
  return { ...readModel(writeModel(graph(parts), sets, functions), "small.onnx"), producer };
};

/** What ONNX Runtime computes for a model. */
export const run = async ({ graph: g, opsets, functions }: Model, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> => {
  const session = await executor.load(writeModel(g, opsets, functions), { optimise: "none" });
  try {
    return await session.run(feeds, g.outputs.map((o) => o.name));
  } finally {
    await session.dispose();
  }
};

/** Numbers of one output. */
export const numbers = (tensor: Tensor | undefined): number[] => Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>, Number);

/** Operators of a model in order, without the nodes that only rename. */
export const operators = ({ graph: g }: Model): string[] => g.nodes.map((n) => n.op).filter((op) => op !== "Identity");
