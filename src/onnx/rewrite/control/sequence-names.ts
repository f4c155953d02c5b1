import type { Node } from "../../graph.ts";

const MAKERS = new Set(["SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase", "SplitToSequence", "SequenceMap"]);

/** Names of values that are sequences, as far as the operators that make them tell. */
export const sequenceNames = (nodes: readonly Node[]): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const node of nodes) if (MAKERS.has(node.op) || (node.op === "Identity" && found.has(node.inputs[0] ?? ""))) for (const output of node.outputs) found.add(output);
  return found;
};

const STEERED: Readonly<Record<string, readonly number[]>> = { SequenceAt: [1], SequenceInsert: [2], SequenceErase: [1], SplitToSequence: [1] };

/** The operands that steer an operator on sequences. */
export const steeringOf = (node: Node): readonly string[] => (node.domain === "" ? (STEERED[node.op] ?? []) : []).flatMap((place) => node.inputs[place] ?? []).filter((name) => name !== "");

/** Operators on sequences and optional values that are resolved before differentiation. */
export const SEQUENCE_OPERATORS: ReadonlySet<string> = new Set([...MAKERS, "SequenceAt", "SequenceLength", "ConcatFromSequence", "Optional", "OptionalHasElement", "OptionalGetElement"]);

export const isSequenceOperator = (node: Node): boolean => node.domain === "" && SEQUENCE_OPERATORS.has(node.op);
