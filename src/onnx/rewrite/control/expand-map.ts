import { int64 } from "../../../core/tensor.ts";
import type { Node } from "../../graph.ts";
import { identities } from "../instantiate.ts";
import { type Answers, asBody, bodyOf } from "./answers.ts";
import { bounded } from "./bounded.ts";
import type { Pieces } from "./pieces.ts";

/**
 * The body of a SequenceMap once for each element of its first sequence; further operands are sequences of the same length or tensors that
 * every call gets. Undefined where the length is not known.
 */
export const expandMap = (node: Node, answers: Answers, pieces: Pieces): readonly Node[] | undefined => {
  const count = answers.count(node);
  if (count === undefined) return undefined;
  const graph = bodyOf(node, "body");
  bounded(node, count, graph);
  const parts: string[][] = node.outputs.map(() => []);
  for (let i = 0; i < count; i++) {
    const place = pieces.constant(int64([], [i]), "element");
    const actuals = node.inputs.map((name, operand) => (operand === 0 || answers.type(name) === undefined ? pieces.one("SequenceAt", [name, place]) : name));
    const results = pieces.copy(asBody(graph), actuals, `${i}/`);
    parts.forEach((list, output) => list.push(results[output] ?? ""));
  }
  const made = parts.map((list) => pieces.one(list.length > 0 ? "SequenceConstruct" : "SequenceEmpty", list));
  return [...pieces.nodes, ...identities(made, node.outputs)];
};
