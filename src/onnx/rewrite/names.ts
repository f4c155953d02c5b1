import type { Graph, Node } from "../graph.ts";

/** The graphs that a node holds. */
export const subgraphsOf = (node: Node): Graph[] => Object.values(node.attributes).flatMap((attribute) => (attribute.type === "graph" ? [attribute.value] : []));

/** Every name that is defined or used in a graph or in one inside of it. */
const namesIn = (graph: Graph, found: Set<string>): Set<string> => {
  for (const info of [...graph.inputs, ...graph.outputs]) found.add(info.name);
  for (const name of graph.initializers.keys()) found.add(name);
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...node.outputs]) found.add(name);
    for (const inner of subgraphsOf(node)) namesIn(inner, found);
  }
  return found;
};

/** The names that a model uses, and new ones. Deterministic: the same wishes in the same order give the same names. */
export class Names {
  readonly #used: Set<string>;

  constructor(graph: Graph) {
    this.#used = namesIn(graph, new Set([""]));
  }

  /** `wish` where nothing is called so, else `wish#2`, `wish#3` … */
  fresh(wish: string): string {
    let name = wish;
    for (let i = 2; this.#used.has(name); i++) name = `${wish}#${i}`;
    this.#used.add(name);
    return name;
  }
}

/** What a name inside a graph is called outside of it. */
export type Renaming = (name: string) => string;

/**
 * A node with every name that it reads or makes renamed, in its graphs too; what those graphs define themselves gets a name from `define`,
 * so that nothing they define hides a name around them.
 */
export const renameNode = (node: Node, rename: Renaming, define: Renaming): Node => ({
  ...node,
  inputs: node.inputs.map(rename),
  outputs: node.outputs.map(rename),
  attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, attribute]) => [key, attribute.type === "graph" ? { type: "graph", value: renameGraph(attribute.value, rename, define) } : attribute])),
});

/** A graph inside a node: its own names from `define`, all others by `rename`. */
export const renameGraph = (graph: Graph, rename: Renaming, define: Renaming): Graph => {
  const own = new Map<string, string>();
  const add = (name: string): void => {
    if (name !== "" && !own.has(name)) own.set(name, define(name));
  };
  for (const input of graph.inputs) add(input.name);
  for (const name of graph.initializers.keys()) add(name);
  for (const node of graph.nodes) node.outputs.forEach(add);
  const inner: Renaming = (name) => own.get(name) ?? rename(name);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, inner, define)),
    inputs: graph.inputs.map((input) => ({ ...input, name: inner(input.name) })),
    outputs: graph.outputs.map((output) => ({ ...output, name: inner(output.name) })),
    initializers: new Map([...graph.initializers].map(([name, initializer]) => [inner(name), { ...initializer, name: inner(name) }])),
  };
};
