import type { Model, Node } from "../../graph.ts";
import { Names } from "../names.ts";
import type { Answers } from "./answers.ts";
import { expandIf } from "./expand-if.ts";
import { expandLoop } from "./expand-loop.ts";
import { expandMap } from "./expand-map.ts";
import { expandScan } from "./expand-scan.ts";
import { Pieces } from "./pieces.ts";

/** Nodes in place of a control-flow node, written into `pieces`; undefined where the answers do not suffice. */
type Expand = (node: Node, answers: Answers, pieces: Pieces) => readonly Node[] | undefined;

const EXPANSIONS: ReadonlyMap<string, Expand> = new Map([["If", expandIf], ["Loop", expandLoop], ["Scan", expandScan], ["SequenceMap", expandMap]]);

/** Operators of control flow that are written out before differentiation. */
export const CONTROL_OPERATORS: readonly string[] = [...EXPANSIONS.keys()];

export const isControl = (node: Node): boolean => node.domain === "" && EXPANSIONS.has(node.op);

/**
 * Writes the outermost control-flow nodes out as far as the answers reach; what was inside of them is outermost then. Returns the model
 * itself where nothing changes.
 */
export const expandControl = (model: Model, answers: Answers): Model => {
  if (!model.graph.nodes.some(isControl)) return model;
  const names = new Names(model.graph);
  const initializers = new Map(model.graph.initializers);
  const expanded = new Set<Node>();
  const nodes = model.graph.nodes.flatMap((node): readonly Node[] => {
    const expand = node.domain === "" ? EXPANSIONS.get(node.op) : undefined;
    if (!expand) return [node];
    const pieces = new Pieces(names, model.opsets.get("") ?? 0, node.name);
    const made = expand(node, answers, pieces);
    if (!made) return [node];
    expanded.add(node);
    for (const [name, initializer] of pieces.initializers) initializers.set(name, initializer);
    return made;
  });
  return expanded.size > 0 ? { ...model, graph: { ...model.graph, nodes, initializers } } : model;
};
