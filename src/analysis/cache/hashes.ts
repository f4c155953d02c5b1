import { createHash, type Hash } from "node:crypto";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { rowBytes } from "../../data/batches.ts";
import { bytesOf } from "../../data/tensor-bytes.ts";
import { dependence } from "../../onnx/dependence.ts";
import { type Attribute, type Graph, type Initializer, intAttribute, type Model, type Node } from "../../onnx/graph.ts";
import { hasControl } from "../../onnx/rewrite/control/resolve.ts";
import { piecesOf } from "../model-file.ts";

const DIGITS = 32;

/** A hash of each sample's input x_i, [n]: equal for equal inputs of equal type and shape. Cost: one pass over x. */
export const sampleHashes = (x: Tensor): readonly string[] => {
  const width = rowBytes(x);
  const bytes = bytesOf(x);
  const about = `${x.dtype}[${x.shape.slice(1).join()}]`;
  return Array.from({ length: x.shape[0] ?? 0 }, (_, i) => createHash("sha256").update(about).update(bytes.subarray(i * width, (i + 1) * width)).digest("hex").slice(0, DIGITS));
};

/** Hashes text and bytes one after another so that no two sequences of them look alike. */
class Digest {
  readonly #hash: Hash = createHash("sha256");

  text(...parts: readonly (string | number | null)[]): void {
    this.#hash.update(`${JSON.stringify(parts)}\n`);
  }

  bytes(bytes: Uint8Array): void {
    this.text("bytes", bytes.length);
    this.#hash.update(bytes);
  }

  tensor({ dtype, shape, data }: Pick<Tensor, "dtype" | "shape"> & { readonly data: ArrayBufferView }): void {
    this.text("tensor", dtype, ...shape);
    this.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  content(initializer: Initializer): void {
    for (const { data } of piecesOf(initializer)) this.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

const addAttribute = (digest: Digest, name: string, attribute: Attribute): void => {
  digest.text("attribute", name, attribute.type);
  if (attribute.type === "tensor") digest.tensor(attribute.value);
  else if (attribute.type === "graph") addGraph(digest, attribute.value, new Set());
  else if (Array.isArray(attribute.value)) digest.text(...attribute.value.map(String));
  else digest.text(String(attribute.value));
};

const addNode = (digest: Digest, { op, domain, name, inputs, outputs, attributes, overload }: Node): void => {
  digest.text("node", op, domain, name, overload ?? "", inputs.length, ...inputs, ...outputs);
  for (const [key, attribute] of Object.entries(attributes)) addAttribute(digest, key, attribute);
};

/** A graph with the content of its stored tensors, but for the named ones. */
const addGraph = (digest: Digest, graph: Graph, without: ReadonlySet<string>): void => {
  for (const { name, dtype, shape } of [...graph.inputs, ...graph.outputs]) digest.text("value", name, dtype, JSON.stringify(shape));
  for (const initializer of graph.initializers.values()) {
    digest.text("initializer", initializer.name, initializer.dtype, ...initializer.shape);
    if (!without.has(initializer.name)) digest.content(initializer);
  }
  for (const node of graph.nodes) addNode(digest, node);
};

/** Operators that make whole numbers, or values of a size that the content of their operands decides. */
const DECIDING = new Set(["NonZero", "Unique", "Compress", "ArgMax", "ArgMin", "TopK", "NonMaxSuppression", "Range"]);

/** Codes of the floating types in ONNX. */
const FLOATS = new Set([1, 10, 11, 16]);

const isDeciding = (node: Node): boolean => (node.op === "Cast" ? !FLOATS.has(intAttribute(node, "to", 1)) : DECIDING.has(node.op));

/**
 * Whether the derivative graphs of a model may depend on the values of its parameters: through control flow, which is resolved by running
 * the model, or through whole numbers made of weights alone, which may decide shapes.
 */
const decidedByWeights = (model: Model, parameters: ReadonlySet<string>): boolean => {
  if (hasControl(model)) return true;
  const depends = dependence(model.graph, parameters);
  return model.graph.nodes.some((node) => isDeciding(node) && node.outputs.some((o) => depends.get(o)?.onParameters === true && depends.get(o)?.onInput === false));
};

/**
 * A hash of everything that the derivative graphs of a model are made from: nodes, names, types, and the content of every stored tensor that
 * is not a parameter (it may be folded into constants); where control flow or shapes may depend on the parameters, their values too. Two
 * checkpoints of one training run agree unless something else than parameters changed. Cost: one pass over those tensors.
 */
export const structureHash = (model: Model, parameters: readonly string[]): string => {
  const digest = new Digest();
  const names = new Set(parameters);
  for (const [domain, version] of [...model.opsets].sort(([a], [b]) => a.localeCompare(b))) digest.text("opset", domain, version);
  for (const { domain, name, overload, inputs, outputs, defaults, nodes, opsets } of model.functions) {
    digest.text("function", domain, name, overload, JSON.stringify([...opsets]), inputs.length, ...inputs, ...outputs);
    for (const [key, attribute] of Object.entries(defaults)) addAttribute(digest, key, attribute);
    for (const node of nodes) addNode(digest, node);
  }
  digest.text("parameters", ...parameters);
  addGraph(digest, model.graph, decidedByWeights(model, names) ? new Set() : names);
  return digest.hex();
};

/** A hash of the values of the named parameters. Cost: one pass over them. */
export const weightsHash = ({ graph }: Model, parameters: readonly string[]): string => {
  const digest = new Digest();
  for (const name of parameters) {
    const initializer = graph.initializers.get(name);
    digest.text(name, initializer ? sizeOf(initializer.shape) : null);
    if (initializer) digest.content(initializer);
  }
  return digest.hex();
};
