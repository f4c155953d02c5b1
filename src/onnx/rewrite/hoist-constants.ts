import { float32, int64, type Tensor } from "../../core/tensor.ts";
import type { Graph, Initializer, Model, Node, Origin } from "../graph.ts";
import { identities } from "./instantiate.ts";
import { silent } from "./pass.ts";

/** The content of a Constant node; undefined for strings and sparse values, which stay nodes. */
export const constantContent = (node: Node): Tensor | undefined => {
  if (node.op !== "Constant" || node.domain !== "") return undefined;
  const { value, value_float, value_floats, value_int, value_ints } = node.attributes;
  if (value?.type === "tensor") return value.value;
  if (value_float?.type === "float") return float32([], [value_float.value]);
  if (value_floats?.type === "floats") return float32([value_floats.value.length], value_floats.value);
  if (value_int?.type === "int") return { dtype: "int64", shape: [], data: BigInt64Array.of(value_int.value) };
  if (value_ints?.type === "ints") return value_ints.value.length === 0 ? int64([0], []) : { dtype: "int64", shape: [value_ints.value.length], data: BigInt64Array.from(value_ints.value) };
  return undefined;
};

/** A graph without constants of its own; they are put into `lifted`. A constant that the graph returns is handed out by a node. */
const emptied = (graph: Graph, lifted: Map<string, Initializer>, inner: boolean): Graph => {
  const returned = new Set(graph.outputs.map((o) => o.name));
  const lift = (initializer: Initializer, origin: Origin): Node[] => {
    const { name } = initializer;
    const own = inner && returned.has(name) ? `${name}:constant` : name;
    lifted.set(own, { ...initializer, name: own, origin });
    return identities([own], [name]);
  };
  const stored = inner ? [...graph.initializers.values()].flatMap((initializer) => lift(initializer, "subgraph")) : [];
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const tensor = constantContent(node);
    const [name] = node.outputs;
    if (tensor && name !== undefined) return lift({ name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor }, "constant node");
    return [{ ...node, attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, a]) => [key, a.type === "graph" ? { type: "graph", value: emptied(a.value, lifted, true) } : a])) }];
  });
  return { ...graph, nodes: [...stored, ...nodes], initializers: inner ? new Map() : graph.initializers };
};

/**
 * Makes every Constant node and every tensor stored inside the body of a Loop, If or Scan an initializer of the model: there weights are
 * found. Needs unique names.
 */
export const hoistConstants = silent((model: Model): Model => {
  const lifted = new Map<string, Initializer>();
  const graph = emptied(model.graph, lifted, false);
  return { ...model, graph: { ...graph, initializers: new Map([...graph.initializers, ...lifted]) } };
});
