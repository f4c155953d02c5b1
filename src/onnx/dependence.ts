import type { Graph, Node } from "./graph.ts";

/** What the content of a value depends on. Its shape may depend on more: a traced run fixes shapes. */
export interface Dependence {
  readonly onInput: boolean;
  readonly onParameters: boolean;
}

const NOTHING: Dependence = { onInput: false, onParameters: false };

const either = (parts: readonly Dependence[]): Dependence => ({ onInput: parts.some((s) => s.onInput), onParameters: parts.some((s) => s.onParameters) });

const OF_SHAPE = new Set(["Shape", "Size", "SequenceLength", "OptionalHasElement"]);

/** Whether a node's result depends on the shape of its operand only, or on how many there are. */
export const isOfShape = (node: Node): boolean => OF_SHAPE.has(node.op);

/** Names that the subgraphs of a node take from the graphs around them. */
const captured = (node: Node): string[] =>
  Object.values(node.attributes).flatMap((attribute) => {
    if (attribute.type !== "graph") return [];
    const graph: Graph = attribute.value;
    const inner = new Set([...graph.inputs.map((i) => i.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]);
    // What a branch returns may come from outside without any node.
    return [...graph.nodes.flatMap((n) => [...n.inputs, ...captured(n)]), ...graph.outputs.map((o) => o.name)].filter((name) => !inner.has(name));
  });

/** Everything a node reads: its operands and what its subgraphs capture. */
export const readsOf = (node: Node): string[] => [...node.inputs, ...captured(node)].filter((name) => name !== "");

const follow = (nodes: readonly Node[], found: Map<string, Dependence>): void => {
  for (const node of nodes) {
    const result = either(isOfShape(node) ? [] : readsOf(node).map((name) => found.get(name) ?? NOTHING));
    for (const output of node.outputs) if (output !== "") found.set(output, result);
  }
};

/** For each value of a graph, whether its content depends on the graph's inputs and on the named parameters. Cost: one pass. */
export const dependence = (graph: Graph, parameters: ReadonlySet<string>): ReadonlyMap<string, Dependence> => {
  const found = new Map<string, Dependence>();
  for (const input of graph.inputs) found.set(input.name, { onInput: true, onParameters: false });
  for (const name of graph.initializers.keys()) found.set(name, { onInput: false, onParameters: parameters.has(name) });
  follow(graph.nodes, found);
  return found;
};

/**
 * What the number of iterations of a Loop depends on: its trip count, its first condition, and the condition that its body makes, which may
 * depend on values that are carried over several iterations. Cost: at most one pass over the body for each carried value.
 */
export const dependenceOfCount = (node: Node, around: ReadonlyMap<string, Dependence>): Dependence => {
  const body = node.attributes.body;
  const of = (name: string | undefined): Dependence => around.get(name ?? "") ?? NOTHING;
  if (body?.type !== "graph") return either(node.inputs.map(of));
  const formals = body.value.inputs.map((i) => i.name);
  let carried: readonly Dependence[] = node.inputs.slice(1).map(of);
  for (let round = 0; round <= carried.length; round++) {
    const found = new Map(around);
    for (const name of body.value.initializers.keys()) found.set(name, NOTHING);
    formals.forEach((name, place) => found.set(name, carried[place - 1] ?? NOTHING));
    follow(body.value.nodes, found);
    carried = carried.map((own, place) => either([own, found.get(body.value.outputs[place]?.name ?? "") ?? NOTHING]));
  }
  return either([of(node.inputs[0]), carried[0] ?? NOTHING]);
};
