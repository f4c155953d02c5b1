import type { Tensor } from "../core/tensor.ts";
import { codeOf } from "./data-types.ts";
import type { Attribute, Graph, Initializer, LocalFunction, Node, ValueInfo } from "./graph.ts";
import { AttributeProto_AttributeType as Kind } from "./proto/onnx_pb.ts";
import { Wire } from "./proto/wire.ts";

// The fields of each message are those of proto/onnx.proto, by number.

const tensorFields = (w: Wire, name: string, { dtype, shape, data }: Tensor): void => {
  for (const size of shape) w.int(1, size);
  w.int(2, codeOf(dtype));
  w.text(8, name);
  w.data(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
};

/** Tensors of a graph and its subgraphs, each loaded once. */
type Loaded = Map<Initializer, Tensor>;

const loadedOf = (loaded: Loaded, initializer: Initializer): Tensor => {
  const tensor = loaded.get(initializer) ?? initializer.load();
  loaded.set(initializer, tensor);
  return tensor;
};

const attributeValue = (w: Wire, attribute: Attribute, loaded: Loaded): void => {
  switch (attribute.type) {
    case "float": w.float(2, attribute.value); break;
    case "int": w.int(3, attribute.value); break;
    case "string": w.text(4, attribute.value); break;
    case "tensor": w.message(5, () => { tensorFields(w, "", attribute.value); }); break;
    case "graph": w.message(6, () => { graphFields(w, attribute.value, loaded); }); break;
    case "floats": for (const value of attribute.value) w.float(7, value); break;
    case "ints": for (const value of attribute.value) w.int(8, value); break;
    case "strings": w.texts(9, attribute.value); break;
    case "reference": w.text(21, attribute.value); break;
  }
};

const KINDS: Readonly<Record<Exclude<Attribute["type"], "reference">, Kind>> = {
  float: Kind.FLOAT, int: Kind.INT, string: Kind.STRING, tensor: Kind.TENSOR, graph: Kind.GRAPH, floats: Kind.FLOATS, ints: Kind.INTS, strings: Kind.STRINGS,
};

const attributeFields = (w: Wire, name: string, attribute: Attribute, loaded: Loaded): void => {
  w.text(1, name);
  attributeValue(w, attribute, loaded);
  if (attribute.type !== "reference") w.int(20, KINDS[attribute.type]);
};

const nodeFields = (w: Wire, node: Node, loaded: Loaded): void => {
  w.texts(1, node.inputs);
  w.texts(2, node.outputs);
  w.text(3, node.name);
  w.text(4, node.op);
  for (const [key, value] of Object.entries(node.attributes)) w.message(5, () => { attributeFields(w, key, value, loaded); });
  w.text(7, node.domain);
  w.text(8, node.overload ?? "");
};

const dimensionField = (w: Wire, size: number | string | null): void => {
  if (typeof size === "number") w.int(1, size);
  else if (size !== null) w.text(2, size);
};

const valueInfoFields = (w: Wire, { name, dtype, shape }: ValueInfo): void => {
  w.text(1, name);
  if (dtype === null) return;
  w.message(2, () => {
    w.message(1, () => {
      w.int(1, codeOf(dtype));
      if (shape !== null) w.message(2, () => { for (const size of shape) w.message(1, () => { dimensionField(w, size); }); });
    });
  });
};

const graphFields = (w: Wire, graph: Graph, loaded: Loaded): void => {
  for (const node of graph.nodes) w.message(1, () => { nodeFields(w, node, loaded); });
  w.text(2, graph.name);
  for (const initializer of graph.initializers.values()) w.message(5, () => { tensorFields(w, initializer.name, loadedOf(loaded, initializer)); });
  for (const input of graph.inputs) w.message(11, () => { valueInfoFields(w, input); });
  for (const output of graph.outputs) w.message(12, () => { valueInfoFields(w, output); });
};

const opsetFields = (w: Wire, field: number, opsets: ReadonlyMap<string, number>): void => {
  for (const [domain, version] of opsets) w.message(field, () => {
    w.text(1, domain);
    w.int(2, version);
  });
};

const functionFields = (w: Wire, local: LocalFunction, loaded: Loaded): void => {
  w.text(1, local.name);
  w.texts(4, local.inputs);
  w.texts(5, local.outputs);
  for (const node of local.nodes) w.message(7, () => { nodeFields(w, node, loaded); });
  opsetFields(w, 9, local.opsets);
  w.text(10, local.domain);
  for (const [key, value] of Object.entries(local.defaults)) w.message(11, () => { attributeFields(w, key, value, loaded); });
  w.text(13, local.overload);
};

/** IR version written: the one of opset 21; ONNX Runtime 1.30 reads it everywhere. */
const IR_VERSION = 10;

/** Serialises a graph as a model of its own. Cost: one copy of its initializers, which must stay under 2 GB together. */
export const writeModel = (graph: Graph, opsets: ReadonlyMap<string, number>, functions: readonly LocalFunction[] = []): Uint8Array => {
  const loaded: Loaded = new Map();
  return Wire.written((w) => {
    w.int(1, IR_VERSION);
    w.text(2, "jacobian-lens");
    w.message(7, () => { graphFields(w, graph, loaded); });
    opsetFields(w, 8, opsets);
    for (const local of functions) w.message(25, () => { functionFields(w, local, loaded); });
  });
};
