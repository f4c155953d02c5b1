import type { Graph, Node } from "./graph.ts";

/** What the content of a value depends on. Its shape may depend on more: a traced run fixes shapes. */
export interface Dependence {
  readonly onInput: boolean;
  readonly onParameters: boolean;
}

const NOTHING: Dependence = { onInput: false, onParameters: false };

/** Operators whose result depends on the shape of their operand only. */
const OF_SHAPE = new Set(["Shape", "Size"]);

/** Names that the subgraphs of a node take from the graphs around them. */
const captured = (node: Node): string[] =>
  Object.values(node.attributes).flatMap((attribute) => {
    if (attribute.type !== "graph") return [];
    const graph: Graph = attribute.value;
    const inner = new Set([...graph.inputs.map((i) => i.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]);
    return graph.nodes.flatMap((n) => [...n.inputs, ...captured(n)]).filter((name) => !inner.has(name));
  });

/** Everything a node reads: its operands and what its subgraphs capture. */
export const readsOf = (node: Node): string[] => [...node.inputs.filter((name) => name !== ""), ...captured(node)];

/** For each value of a graph, whether its content depends on the graph's inputs and on the named parameters. Cost: one pass. */
export const dependence = (graph: Graph, parameters: ReadonlySet<string>): ReadonlyMap<string, Dependence> => {
  const found = new Map<string, Dependence>();
  for (const input of graph.inputs) found.set(input.name, { onInput: true, onParameters: false });
  for (const name of graph.initializers.keys()) found.set(name, { onInput: false, onParameters: parameters.has(name) });
  for (const node of graph.nodes) {
    const sources = OF_SHAPE.has(node.op) ? [] : readsOf(node).map((name) => found.get(name) ?? NOTHING);
    const result: Dependence = { onInput: sources.some((s) => s.onInput), onParameters: sources.some((s) => s.onParameters) };
    for (const output of node.outputs) if (output !== "") found.set(output, result);
  }
  return found;
};
