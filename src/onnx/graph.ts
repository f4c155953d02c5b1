import type { DType, Tensor } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";

/** One attribute of a node. Integers stay bigint: ONNX uses the whole int64 range (an open slice ends at 2⁶³ − 1). */
export type Attribute =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly value: readonly bigint[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "reference"; readonly value: string };

export type Attributes = Readonly<Record<string, Attribute>>;

/** One operator call. An empty input or output name means that the optional place is not used. */
export interface Node {
  readonly op: string;
  /** "" is the ONNX operator set itself. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Which of several local functions of one name is called; absent or "" for all else. */
  readonly overload?: string;
}

/** What a graph declares about a value; a dimension is a number, a symbol, or null where nothing is said. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType | null;
  readonly shape: readonly (number | string | null)[] | null;
}

/** How an initializer that a rewrite made came about. */
export type Origin = "constant node" | "untied" | "dequantised" | "subgraph";

/** A tensor stored with the model, read when asked for. */
export interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  load(): Tensor;
  /** Entries [from, from + count) in C order, without reading the others; absent where only the whole can be had. */
  readonly loadRange?: (from: number, count: number) => Tensor["data"];
  /** Absent for an initializer of the file. */
  readonly origin?: Origin;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Initializer>;
}

/** An operator that the model file defines itself, by nodes. Its inputs and outputs are names inside of it. */
export interface LocalFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Values of the attributes that a call may leave out. */
  readonly defaults: Attributes;
  readonly nodes: readonly Node[];
  readonly opsets: ReadonlyMap<string, number>;
}

/** A model as read: operator sets by domain, and the graph. */
export interface Model {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly functions: readonly LocalFunction[];
  readonly graph: Graph;
  /** Element types of the file, such as float16, that are held as a wider one. */
  readonly widened?: readonly string[];
  /** Files beside the model that hold weights, as the model names them. */
  readonly externalFiles?: readonly string[];
}

/** What carries attributes: a node of a model, or a step of a program (named by the node it stands for). */
export interface AttributeOwner {
  readonly op: string;
  readonly domain: string;
  readonly attributes: Attributes;
  readonly name: string;
}

/** How a node is named in messages: operator, then its own name. */
export const describe = (node: AttributeOwner): string => `${node.domain === "" ? "" : `${node.domain}.`}${node.op} "${node.name}"`;

const wrongType = (node: AttributeOwner, key: string, expected: string): LensError =>
  new LensError("MODEL_ATTRIBUTE", `Attribute "${key}" of ${describe(node)} is not of type ${expected}.`, "Check the model with onnx.checker, and export it again.");

/** An integer attribute as a JavaScript number. @throws LensError MODEL_ATTRIBUTE when it has another type or leaves the safe range. */
export const intAttribute = (node: AttributeOwner, key: string, fallback: number): number => {
  const attribute = node.attributes[key];
  if (attribute === undefined) return fallback;
  if (attribute.type !== "int" || !Number.isSafeInteger(Number(attribute.value))) throw wrongType(node, key, "int");
  return Number(attribute.value);
};

/** A list of integers, or undefined where the node leaves it out. @throws LensError MODEL_ATTRIBUTE. */
export const intsAttribute = (node: AttributeOwner, key: string): readonly number[] | undefined => {
  const attribute = node.attributes[key];
  if (attribute === undefined) return undefined;
  if (attribute.type !== "ints") throw wrongType(node, key, "ints");
  const numbers = attribute.value.map(Number);
  if (!numbers.every(Number.isSafeInteger)) throw wrongType(node, key, "ints within ±2⁵³");
  return numbers;
};

export const floatAttribute = (node: AttributeOwner, key: string, fallback: number): number => {
  const attribute = node.attributes[key];
  if (attribute === undefined) return fallback;
  if (attribute.type !== "float") throw wrongType(node, key, "float");
  return attribute.value;
};

export const stringAttribute = (node: AttributeOwner, key: string, fallback: string): string => {
  const attribute = node.attributes[key];
  if (attribute === undefined) return fallback;
  if (attribute.type !== "string") throw wrongType(node, key, "string");
  return attribute.value;
};
