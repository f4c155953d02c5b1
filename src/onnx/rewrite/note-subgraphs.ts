import { isFloat, sizeOf } from "../../core/tensor.ts";
import type { Node } from "../graph.ts";
import { isWeightUse, makersOf } from "../roles.ts";
import { allNodes, finalUses, usesOf } from "../uses.ts";
import { listed, type Pass } from "./pass.ts";

/** Tells which parameters are used inside of loops: the derivative is the sum over the iterations. */
export const noteSubgraphs: Pass = (model) => {
  const { graph } = model;
  const loops = graph.nodes.filter((node) => node.domain === "" && (node.op === "Loop" || node.op === "Scan"));
  if (loops.length === 0) return { model, warnings: [] };
  const inner = new Set<Node>(loops.flatMap((loop) => Object.values(loop.attributes).flatMap((a) => (a.type === "graph" ? allNodes(a.value) : []))));
  const uses = usesOf(graph);
  const bodies = loops.flatMap((loop) => Object.values(loop.attributes).flatMap((a) => (a.type === "graph" ? [a.value] : [])));
  const makers = new Map([...makersOf(graph), ...bodies.flatMap((body) => [...makersOf(body)])]);
  const weights = [...graph.initializers.values()].filter(({ name, dtype, shape }) => isFloat(dtype) && sizeOf(shape) > 1 && finalUses(name, uses).some((use) => inner.has(use.node) && isWeightUse(use, shape, makers)));
  if (weights.length === 0) return { model, warnings: [] };
  return {
    model,
    warnings: [{
      code: "PARAMETERS_IN_LOOPS",
      message: `${listed(weights.map((w) => w.name))} ${weights.length === 1 ? "is" : "are"} used inside of a loop (${listed(loops.map((l) => l.name))}): one parameter each, used once in every iteration.`,
      hint: "The derivative is the sum over the iterations; nothing needs to be done.",
    }],
  };
};
