import type { Model } from "../graph.ts";
import { renameNode } from "./names.ts";
import { silent } from "./pass.ts";

/**
 * Gives what graphs inside of nodes define a name that nothing else in the model has: two branches may both call a value "t", and an inner
 * name may hide an outer one. All later passes rely on a name meaning one thing everywhere.
 */
export const uniqueNames = silent((model: Model): Model => {
  const { graph } = model;
  const taken = new Set(["", ...graph.inputs.map((i) => i.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]);
  const define = (wish: string): string => {
    let name = wish;
    for (let i = 2; taken.has(name); i++) name = `${wish}#${i}`;
    taken.add(name);
    return name;
  };
  return { ...model, graph: { ...graph, nodes: graph.nodes.map((node) => renameNode(node, (name) => name, define)) } };
});
