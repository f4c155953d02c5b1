import type { Graph, Initializer, Node } from "../graph.ts";
import { Names, renameNode } from "./names.ts";
import { listed, type Pass } from "./pass.ts";
import { dequantised, quantised, type Quantised, rangeOf, storedOperands } from "./quantisation.ts";

const isOp = (node: Node, op: string): boolean => node.op === op && (node.domain === "" || node.domain === "com.microsoft");

/** An initializer whose content is computed when asked for. */
const computed = (name: string, q: Quantised, compute: (q: Quantised) => ReturnType<Initializer["load"]>): Initializer => ({ name, dtype: "float32", shape: q.x.shape, load: () => compute(q), origin: "dequantised" });

/** The dequantised tensors of a graph by the names of their nodes' outputs. */
const weightsIn = (graph: Graph): ReadonlyMap<string, Initializer> => {
  const found = new Map<string, Initializer>();
  const rounded = new Map<string, Initializer>();
  for (const node of graph.nodes) {
    const [from = ""] = node.inputs;
    const [to = ""] = node.outputs;
    const isPair = isOp(node, "QuantizeLinear");
    if (!isPair && !isOp(node, "DequantizeLinear")) continue;
    const q = storedOperands(node, graph.initializers, graph.initializers.get(from) ?? rounded.get(from));
    if (!q) continue;
    if (!isPair) found.set(to, computed(to, q, dequantised));
    else if (rangeOf(q.zero)) rounded.set(to, computed(to, q, quantised));
  }
  return found;
};

/** The name that a weight had before it was quantised, as ONNX Runtime's quantiser derives names. */
export const plainName = (name: string): string => name.replace(/_DequantizeLinear(_Output.*)?$|_dequantized$/, "").replace(/_quantized$/, "");

/**
 * DequantizeLinear of a stored tensor becomes that tensor in float32, which is the parameter: integers have no derivative. A weight that is
 * rounded by QuantizeLinear first becomes the rounded one. Tensors are computed when they are asked for.
 */
export const dequantiseWeights: Pass = (model) => {
  const { graph } = model;
  const weights = weightsIn(graph);
  if (weights.size === 0) return { model, warnings: [] };
  const names = new Names(graph);
  const returned = new Set(graph.outputs.map((o) => o.name));
  const renamed = new Map([...weights.keys()].flatMap((name): [string, string][] => {
    const plain = plainName(name);
    return returned.has(name) || plain === name ? [] : [[name, names.fresh(plain)]];
  }));
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = graph.nodes.filter((node) => !weights.has(node.outputs[0] ?? "")).map((node) => renameNode(node, rename, (name) => name));
  const made = [...weights].map(([name, initializer]): [string, Initializer] => [rename(name), { ...initializer, name: rename(name) }]);
  return {
    model: { ...model, graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) } },
    warnings: [{
      code: "WEIGHTS_DEQUANTISED",
      message: `${listed(made.map(([name]) => name))} ${made.length === 1 ? "is" : "are"} stored as integers: the parameters are the dequantised numbers.`,
      hint: "The Jacobian is that of the rounded weights. Analyze the file from before quantisation for that of the trained ones.",
    }],
  };
};
