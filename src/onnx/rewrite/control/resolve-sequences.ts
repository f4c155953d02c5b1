import { LensError } from "../../../core/errors.ts";
import { int64, type Tensor, toNumbers } from "../../../core/tensor.ts";
import { type Model, type Node, describe, intAttribute } from "../../graph.ts";
import { identities } from "../instantiate.ts";
import { Names } from "../names.ts";
import { type Answers, firstOf } from "./answers.ts";
import { Pieces } from "./pieces.ts";

/** What is known of a value that is no tensor: the names of its elements, or of what an optional value holds ("" for nothing). */
type Content = { readonly kind: "sequence"; readonly elements: readonly string[] } | { readonly kind: "optional"; readonly holds: string };

interface Scope {
  readonly contents: Map<string, Content>;
  readonly answers: Answers;
}

const fail = (node: Node, why: string): LensError => new LensError("MODEL_SEQUENCE", `${describe(node)} ${why}.`, "Export the model with tensors in place of sequences and optional values.");

const elementsOf = (node: Node, { contents }: Scope, place = 0): readonly string[] => {
  const content = contents.get(node.inputs[place] ?? "");
  if (content?.kind === "sequence") return content.elements;
  throw fail(node, "reads a sequence whose elements are not known");
};

/** The place that an operand names, counted from the end where negative. */
const placeOf = (node: Node, operand: number, length: number, { answers }: Scope): number | undefined => {
  const name = node.inputs[operand] ?? "";
  if (name === "") return undefined;
  const tensor = answers.value(name);
  if (!tensor) throw fail(node, "names a place that is not known before it runs");
  const place = firstOf(tensor);
  return place < 0 ? place + length : place;
};

const sizesOf = (node: Node, axis: number, { answers }: Scope): readonly number[] => {
  const total = answers.type(node.inputs[0] ?? "")?.shape.at(axis);
  if (total === undefined) throw fail(node, "splits a tensor whose shape is not known");
  const name = node.inputs[1] ?? "";
  if (name === "") return Array.from({ length: total }, () => 1);
  const split = answers.value(name);
  if (!split) throw fail(node, "splits into sizes that are not known before it runs");
  if (split.shape.length > 0) return toNumbers(split);
  const size = Math.max(1, firstOf(split));
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
};

const splitToSequence = (node: Node, scope: Scope, pieces: Pieces): readonly string[] => {
  const axis = intAttribute(node, "axis", 0);
  const parts = pieces.split(node.inputs[0] ?? "", axis, sizesOf(node, axis, scope));
  const drop = (node.inputs[1] ?? "") === "" && intAttribute(node, "keepdims", 1) === 0;
  return drop ? parts.map((part) => pieces.squeeze(part, axis)) : parts;
};

const inserted = (node: Node, scope: Scope): readonly string[] => {
  const elements = elementsOf(node, scope);
  return elements.toSpliced(placeOf(node, 2, elements.length, scope) ?? elements.length, 0, node.inputs[1] ?? "");
};

const erased = (node: Node, scope: Scope): readonly string[] => {
  const elements = elementsOf(node, scope);
  return elements.toSpliced(placeOf(node, 1, elements.length, scope) ?? elements.length - 1, 1);
};

const at = (node: Node, scope: Scope): string => {
  const elements = elementsOf(node, scope);
  const place = placeOf(node, 1, elements.length, scope) ?? 0;
  const element = elements[place];
  if (element === undefined) throw fail(node, `asks for element ${place} of ${elements.length}`);
  return element;
};

const joined = (node: Node, scope: Scope, pieces: Pieces): string => {
  const axis = intAttribute(node, "axis", 0);
  return intAttribute(node, "new_axis", 0) === 0 ? pieces.concat(elementsOf(node, scope), axis) : pieces.stack(elementsOf(node, scope), axis);
};

const optionalOf = (node: Node, { contents }: Scope): Content | undefined => contents.get(node.inputs[0] ?? "");

const hasElement = (node: Node, scope: Scope): Tensor => {
  const content = optionalOf(node, scope);
  const present = content?.kind === "optional" ? content.holds !== "" : (node.inputs[0] ?? "") !== "";
  return { dtype: "bool", shape: [], data: Uint8Array.of(present ? 1 : 0) };
};

/** What a node makes: content of a sequence or optional value, or the name of a tensor; undefined for a node that has to do with neither. */
const meaningOf = (node: Node, scope: Scope, pieces: Pieces): Content | string | undefined => {
  const [first = ""] = node.inputs;
  const sequence = (elements: readonly string[]): Content => ({ kind: "sequence", elements });
  switch (node.op) {
    case "SequenceEmpty": return sequence([]);
    case "SequenceConstruct": return sequence(node.inputs);
    case "SequenceInsert": return sequence(inserted(node, scope));
    case "SequenceErase": return sequence(erased(node, scope));
    case "SplitToSequence": return sequence(splitToSequence(node, scope, pieces));
    case "SequenceAt": return at(node, scope);
    case "SequenceLength": return pieces.constant(int64([], [elementsOf(node, scope).length]), "length");
    case "ConcatFromSequence": return joined(node, scope, pieces);
    case "Optional": return { kind: "optional", holds: first };
    case "OptionalHasElement": return pieces.constant(hasElement(node, scope), "present");
    case "OptionalGetElement": {
      const content = optionalOf(node, scope);
      if (content?.kind !== "optional") return content ?? first;
      if (content.holds === "") throw fail(node, "takes the content of an empty optional value");
      return scope.contents.get(content.holds) ?? content.holds;
    }
    case "Identity": return scope.contents.get(first);
    default: return undefined;
  }
};

/**
 * Replaces sequences by their elements, and optional values by what they hold. Needs a model without control flow.
 * @throws LensError MODEL_SEQUENCE where elements are not known, as for sequences that are inputs of the model.
 */
export const resolveSequences = (model: Model, answers: Answers): Model => {
  const names = new Names(model.graph);
  const scope: Scope = { contents: new Map(), answers };
  const initializers = new Map(model.graph.initializers);
  const nodes = model.graph.nodes.flatMap((node): readonly Node[] => {
    if (node.domain !== "") return [node];
    const pieces = new Pieces(names, model.opsets.get("") ?? 0, node.name);
    const meaning = meaningOf(node, scope, pieces);
    const [output = ""] = node.outputs;
    if (meaning === undefined) return [node];
    for (const [name, initializer] of pieces.initializers) initializers.set(name, initializer);
    if (typeof meaning === "string") return [...pieces.nodes, ...identities([meaning], [output])];
    scope.contents.set(output, meaning);
    return pieces.nodes;
  });
  const outputs = model.graph.outputs.filter((output) => !scope.contents.has(output.name));
  if (outputs.length === 0) throw new LensError("MODEL_SEQUENCE", `The model's output "${model.graph.outputs[0]?.name ?? ""}" is a sequence of tensors.`, "Export a model whose first output is a tensor [batch, outputs].");
  return { ...model, graph: { ...model.graph, nodes, initializers, outputs } };
};
