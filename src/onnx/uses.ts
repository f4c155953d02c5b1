import type { Graph, Node } from "./graph.ts";

/** One place where a value is read. */
export interface Use {
  readonly node: Node;
  readonly place: number;
}

/** All nodes of a graph and of the graphs inside of them. */
export const allNodes = (graph: Graph): readonly Node[] =>
  graph.nodes.flatMap((node) => [node, ...Object.values(node.attributes).flatMap((a) => (a.type === "graph" ? allNodes(a.value) : []))]);

/** Where each value is read, graphs inside of nodes included. Needs names that mean one thing everywhere. Cost: one pass. */
export const usesOf = (graph: Graph): ReadonlyMap<string, readonly Use[]> => {
  const uses = new Map<string, Use[]>();
  for (const node of allNodes(graph)) {
    node.inputs.forEach((name, place) => {
      const known = uses.get(name);
      if (known) known.push({ node, place });
      else uses.set(name, [{ node, place }]);
    });
  }
  return uses;
};

/** Operators that hand their first operand on in another shape or order. */
const HANDING_ON = new Set(["Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast", "Expand"]);

/** Where a value is read in the end: uses by operators that only hand it on are followed. */
export const finalUses = (name: string, uses: ReadonlyMap<string, readonly Use[]>): readonly Use[] =>
  (uses.get(name) ?? []).flatMap((use) => (use.place === 0 && HANDING_ON.has(use.node.op) ? finalUses(use.node.outputs[0] ?? "", uses) : [use]));
