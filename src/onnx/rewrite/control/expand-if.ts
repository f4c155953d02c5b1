import type { Node } from "../../graph.ts";
import { identities } from "../instantiate.ts";
import { type Answers, asBody, bodyOf, firstOf } from "./answers.ts";
import type { Pieces } from "./pieces.ts";

/** The branch that is taken, in place of an If; undefined where the condition is not known. */
export const expandIf = (node: Node, answers: Answers, pieces: Pieces): readonly Node[] | undefined => {
  const condition = answers.value(node.inputs[0] ?? "");
  if (!condition) return undefined;
  const results = pieces.copy(asBody(bodyOf(node, firstOf(condition) === 0 ? "else_branch" : "then_branch")), []);
  return [...pieces.nodes, ...identities(results, node.outputs)];
};
