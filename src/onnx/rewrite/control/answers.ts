import type { DType, Tensor } from "../../../core/tensor.ts";
import { type Graph, type Node, describe } from "../../graph.ts";
import { LensError } from "../../../core/errors.ts";
import type { Body } from "../instantiate.ts";

/** What is known about a graph while its control flow is resolved; undefined for what is not known (yet). */
export interface Answers {
  /** The content of a value. */
  value(name: string): Tensor | undefined;
  /** How often the body of a Loop, Scan or SequenceMap runs. */
  count(node: Node): number | undefined;
  /** Shape and element type of a value. */
  type(name: string): { readonly shape: readonly number[]; readonly dtype: DType } | undefined;
}

/** A graph attribute that must be there. @throws LensError MODEL_NODE. */
export const bodyOf = (node: Node, key: string): Graph => {
  const attribute = node.attributes[key];
  if (attribute?.type === "graph") return attribute.value;
  throw new LensError("MODEL_NODE", `${describe(node)} has no graph "${key}".`, "Check the model with onnx.checker, and export it again.");
};

export const asBody = (graph: Graph): Body => ({ inputs: graph.inputs.map((i) => i.name), outputs: graph.outputs.map((o) => o.name), nodes: graph.nodes, initializers: graph.initializers });

/** The first element as a number; NaN for none. */
export const firstOf = (tensor: Tensor): number => Number(tensor.data[0] ?? NaN);

/** The first output that is used: the key under which a node's answers are kept. */
export const keyOf = (node: Node): string => node.outputs.find((name) => name !== "") ?? node.name;

/** Largest content that is read to decide control flow. */
const SMALL = 4096;

/**
 * What the stored tensors alone tell: constant conditions, and constant trip counts of loops that nothing ends early.
 */
export const storedAnswers = (graph: Graph): Answers => {
  const value = (name: string): Tensor | undefined => {
    const initializer = graph.initializers.get(name);
    return initializer && initializer.shape.every((d) => d <= SMALL) && initializer.shape.length <= 1 ? initializer.load() : undefined;
  };
  const holds = (name: string): boolean | undefined => {
    const known = name === "" ? undefined : value(name);
    return known && firstOf(known) !== 0;
  };
  const count = (node: Node): number | undefined => {
    if (node.op !== "Loop") return undefined;
    const [trips = "", first = ""] = node.inputs;
    if (first !== "" && holds(first) !== true) return holds(first) === false ? 0 : undefined;
    const body = bodyOf(node, "body");
    const goesOn = body.outputs[0]?.name ?? "";
    const maker = body.nodes.find((n) => n.outputs.includes(goesOn));
    const source = maker?.op === "Identity" ? (maker.inputs[0] ?? "") : goesOn;
    const endless = source === body.inputs[1]?.name || holds(source) === true;
    const known = trips === "" ? undefined : value(trips);
    return known && endless ? Math.max(0, firstOf(known)) : undefined;
  };
  return { value, count, type: () => undefined };
};
