import type { DescField } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Tensor } from "../core/tensor.ts";
import { codeOf } from "./data-types.ts";
import type { Attribute, Graph, LocalFunction, Node, ValueInfo } from "./graph.ts";
import {
  AttributeProtoSchema, AttributeProto_AttributeType as Kind, FunctionProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, TensorProtoSchema,
  TensorShapeProtoSchema, TensorShapeProto_DimensionSchema, TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema,
} from "./proto/onnx_pb.ts";

// Messages are written field by field, by the numbers of their schema, not built and then reflected on: graphs of thousands of nodes are written
// for every analysis, which takes less than half the time this way (measured).

type Field = Pick<DescField, "number">;

/** Writes the fields of a message. */
type Fields = (w: BinaryWriter) => void;

const encoder = new TextEncoder();

/** UTF-8 of texts that come again and again, as the names of values do; of one model. */
const rememberingEncoder = (): ((text: string) => Uint8Array) => {
  const known = new Map<string, Uint8Array>();
  return (text) => {
    const found = known.get(text) ?? encoder.encode(text);
    known.set(text, found);
    return found;
  };
};

const message = (w: BinaryWriter, { number }: Field, fields: Fields): void => {
  w.tag(number, WireType.LengthDelimited).fork();
  fields(w);
  w.join();
};

const text = (w: BinaryWriter, { number }: Field, value: string): void => { w.tag(number, WireType.LengthDelimited).string(value); };

/** A text whose absence means an empty one. */
const optionalText = (w: BinaryWriter, field: Field, value: string): void => { if (value !== "") text(w, field, value); };

const bytes = (w: BinaryWriter, { number }: Field, value: Uint8Array): void => { w.tag(number, WireType.LengthDelimited).bytes(value); };

const whole = (w: BinaryWriter, { number }: Field, value: bigint | number): void => {
  w.tag(number, WireType.Varint);
  // The same bytes, without the detour over 64 bits.
  if (value >= 0 && value < 2 ** 31) w.uint32(Number(value));
  else w.int64(value);
};

const float = (w: BinaryWriter, { number }: Field, value: number): void => { w.tag(number, WireType.Bit32).float(value); };

/** A tensor's own memory as its raw data. */
const tensorFields = (name: string, { shape, dtype, data }: Tensor): Fields => (w) => {
  const { field } = TensorProtoSchema;
  for (const size of shape) whole(w, field.dims, size);
  whole(w, field.dataType, codeOf(dtype));
  optionalText(w, field.name, name);
  bytes(w, field.rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
};

/** What an attribute holds, and its type; a reference to an argument of a function has none. */
const writeValue = (w: BinaryWriter, attribute: Attribute): Kind | undefined => {
  const { field } = AttributeProtoSchema;
  switch (attribute.type) {
    case "float": float(w, field.f, attribute.value); return Kind.FLOAT;
    case "int": whole(w, field.i, attribute.value); return Kind.INT;
    case "string": text(w, field.s, attribute.value); return Kind.STRING;
    case "floats": for (const value of attribute.value) float(w, field.floats, value); return Kind.FLOATS;
    case "ints": for (const value of attribute.value) whole(w, field.ints, value); return Kind.INTS;
    case "strings": for (const value of attribute.value) text(w, field.strings, value); return Kind.STRINGS;
    case "tensor": message(w, field.t, tensorFields("", attribute.value)); return Kind.TENSOR;
    case "graph": message(w, field.g, graphFields(attribute.value)); return Kind.GRAPH;
    case "reference": text(w, field.refAttrName, attribute.value); return undefined;
  }
};

const attributeFields = (name: string, attribute: Attribute): Fields => (w) => {
  const { field } = AttributeProtoSchema;
  text(w, field.name, name);
  const type = writeValue(w, attribute);
  if (type !== undefined) whole(w, field.type, type);
};

const nodeFields = (node: Node): Fields => (w) => {
  const { field } = NodeProtoSchema;
  for (const input of node.inputs) text(w, field.input, input);
  for (const output of node.outputs) text(w, field.output, output);
  optionalText(w, field.name, node.name);
  text(w, field.opType, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message(w, field.attribute, attributeFields(name, value));
  optionalText(w, field.domain, node.domain);
  optionalText(w, field.overload, node.overload ?? "");
};

const dimensionFields = (size: number | string | null): Fields => (w) => {
  const { field } = TensorShapeProto_DimensionSchema;
  if (typeof size === "number") whole(w, field.dimValue, size);
  else if (size !== null) text(w, field.dimParam, size);
};

const valueInfoFields = ({ name, dtype, shape }: ValueInfo): Fields => (w) => {
  text(w, ValueInfoProtoSchema.field.name, name);
  if (dtype === null) return;
  message(w, ValueInfoProtoSchema.field.type, () => {
    message(w, TypeProtoSchema.field.tensorType, () => {
      whole(w, TypeProto_TensorSchema.field.elemType, codeOf(dtype));
      if (shape) message(w, TypeProto_TensorSchema.field.shape, () => { for (const size of shape) message(w, TensorShapeProtoSchema.field.dim, dimensionFields(size)); });
    });
  });
};

const graphFields = (graph: Graph): Fields => (w) => {
  const { field } = GraphProtoSchema;
  for (const node of graph.nodes) message(w, field.node, nodeFields(node));
  text(w, field.name, graph.name);
  for (const initializer of graph.initializers.values()) message(w, field.initializer, tensorFields(initializer.name, initializer.load()));
  for (const input of graph.inputs) message(w, field.input, valueInfoFields(input));
  for (const output of graph.outputs) message(w, field.output, valueInfoFields(output));
};

const writeOpsets = (w: BinaryWriter, field: Field, opsets: ReadonlyMap<string, number>): void => {
  for (const [domain, version] of opsets) {
    message(w, field, () => {
      text(w, OperatorSetIdProtoSchema.field.domain, domain);
      whole(w, OperatorSetIdProtoSchema.field.version, version);
    });
  }
};

const functionFields = (local: LocalFunction): Fields => (w) => {
  const { field } = FunctionProtoSchema;
  text(w, field.name, local.name);
  for (const input of local.inputs) text(w, field.input, input);
  for (const output of local.outputs) text(w, field.output, output);
  for (const node of local.nodes) message(w, field.node, nodeFields(node));
  writeOpsets(w, field.opsetImport, local.opsets);
  text(w, field.domain, local.domain);
  for (const [name, value] of Object.entries(local.defaults)) message(w, field.attributeProto, attributeFields(name, value));
  optionalText(w, field.overload, local.overload);
};

/** IR version written: the one of opset 21; ONNX Runtime 1.30 reads it everywhere. */
const IR_VERSION = 10;

/** Serialises a graph as a model of its own. Cost: one copy of its initializers, which must stay under 2 GB together. */
export const writeModel = (graph: Graph, opsets: ReadonlyMap<string, number>, functions: readonly LocalFunction[] = []): Uint8Array => {
  const { field } = ModelProtoSchema;
  const w = new BinaryWriter(rememberingEncoder());
  whole(w, field.irVersion, IR_VERSION);
  text(w, field.producerName, "jacobian-lens");
  message(w, field.graph, graphFields(graph));
  writeOpsets(w, field.opsetImport, opsets);
  for (const local of functions) message(w, field.functions, functionFields(local));
  return w.finish();
};
