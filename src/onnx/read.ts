import { fromBinary } from "@bufbuild/protobuf";
import { LensError } from "../core/errors.ts";
import type { Attribute, Attributes, Graph, Initializer, LocalFunction, Model, Node, ValueInfo } from "./graph.ts";
import { codeOf, heldTypeOf } from "./data-types.ts";
import { NARROW } from "./narrow-types.ts";
import {
  AttributeProto_AttributeType as Kind, type AttributeProto, type FunctionProto, type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto, type OperatorSetIdProto, type TensorProto, type ValueInfoProto,
} from "./proto/onnx_pb.ts";
import { decodeRange, decodeTensor, dtypeOfTensor, type ExternalReader, isExternal, shapeOf } from "./tensor-data.ts";

const text = new TextDecoder();

/** What reading needs beside the message, and what it notes on the way. */
interface Reading {
  readonly external: ExternalReader | undefined;
  /** Names of narrow types that were met. */
  readonly widened: Set<string>;
  /** Names of other files that hold tensors. */
  readonly files: Set<string>;
}

const domainOf = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** Notes a narrow type. */
const noted = (code: number, reading: Reading): void => {
  const narrow = NARROW.get(code);
  if (narrow) reading.widened.add(narrow.name);
};

/** Notes the type of a tensor, and the file that it lies in. */
const notedTensor = (proto: TensorProto, reading: Reading): void => {
  noted(proto.dataType, reading);
  const location = isExternal(proto) ? proto.externalData.find((entry) => entry.key === "location")?.value : undefined;
  if (location !== undefined) reading.files.add(location);
};

const readTensor = (proto: TensorProto, reading: Reading): ReturnType<typeof decodeTensor> => {
  notedTensor(proto, reading);
  return decodeTensor(proto, reading.external);
};

const readAttribute = (proto: AttributeProto, reading: Reading): Attribute => {
  if (proto.refAttrName !== "") return { type: "reference", value: proto.refAttrName };
  switch (proto.type) {
    case Kind.FLOAT: return { type: "float", value: proto.f };
    case Kind.INT: return { type: "int", value: proto.i };
    case Kind.STRING: return { type: "string", value: text.decode(proto.s) };
    case Kind.FLOATS: return { type: "floats", value: proto.floats };
    case Kind.INTS: return { type: "ints", value: proto.ints };
    case Kind.STRINGS: return { type: "strings", value: proto.strings.map((s) => text.decode(s)) };
    case Kind.TENSOR:
      if (proto.t) return { type: "tensor", value: readTensor(proto.t, reading) };
      break;
    case Kind.GRAPH:
      if (proto.g) return { type: "graph", value: readGraph(proto.g, reading) };
      break;
    default:
  }
  throw new LensError("MODEL_ATTRIBUTE", `Attribute "${proto.name}" has a type that is not supported (${Kind[proto.type]}).`, "Export the model without sparse tensors, type attributes and lists of graphs.");
};

/** Attributes that name an element type. */
const NAMES_TYPE = new Set(["to", "dtype", "output_dtype", "output_datatype"]);

/** A type attribute that names a narrow float names the type in which it is held: the whole model is computed in float32. */
const widenedType = (name: string, attribute: Attribute, reading: Reading): Attribute => {
  if (attribute.type !== "int" || !NAMES_TYPE.has(name)) return attribute;
  const code = Number(attribute.value);
  const narrow = NARROW.get(code);
  if (narrow?.bits !== 16) return attribute;
  noted(code, reading);
  return { type: "int", value: BigInt(codeOf(narrow.held)) };
};

/** The types of values come from a traced run; an attribute that states one is left out. */
const isTypeOnly = (proto: AttributeProto): boolean => proto.type === Kind.TYPE_PROTO;

const readAttributes = (protos: readonly AttributeProto[], reading: Reading): Attributes =>
  Object.fromEntries(protos.filter((proto) => !isTypeOnly(proto)).map((proto) => [proto.name, widenedType(proto.name, readAttribute(proto, reading), reading)]));

const readNode = (proto: NodeProto, reading: Reading): Node => ({
  op: proto.opType,
  domain: domainOf(proto.domain),
  name: proto.name === "" ? (proto.output[0] ?? "") : proto.name,
  inputs: proto.input,
  outputs: proto.output,
  attributes: readAttributes(proto.attribute, reading),
  ...(proto.overload === "" ? {} : { overload: proto.overload }),
});

const readValueInfo = (proto: ValueInfoProto, reading: Reading): ValueInfo => {
  const type = proto.type?.value;
  if (type?.case !== "tensorType") return { name: proto.name, dtype: null, shape: null };
  noted(type.value.elemType, reading);
  const shape = type.value.shape?.dim.map((dim) => (dim.value.case === "dimValue" ? Number(dim.value.value) : dim.value.case === "dimParam" ? dim.value.value : null)) ?? null;
  return { name: proto.name, dtype: heldTypeOf(type.value.elemType) ?? null, shape };
};

/** Values are read when asked for, and kept only as long as someone holds them: a model may be larger than memory. */
const readInitializer = (proto: TensorProto, reading: Reading): Initializer => {
  notedTensor(proto, reading);
  let held: WeakRef<ReturnType<typeof decodeTensor>> | undefined;
  return {
    name: proto.name,
    dtype: dtypeOfTensor(proto),
    shape: shapeOf(proto),
    load() {
      const known = held?.deref();
      if (known) return known;
      const tensor = decodeTensor(proto, reading.external);
      held = new WeakRef(tensor);
      return tensor;
    },
    loadRange: (from, count) => decodeRange(proto, reading.external, from, count),
  };
};

const readGraph = (proto: GraphProto, reading: Reading): Graph => {
  if (proto.sparseInitializer.length > 0) throw new LensError("MODEL_SPARSE", `Graph "${proto.name}" stores sparse initializers, which are not supported.`, "Export the model with dense weights.");
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, readInitializer(tensor, reading)]));
  return {
    name: proto.name,
    nodes: proto.node.map((node) => readNode(node, reading)),
    // Up to IR version 3 initializers are listed among the inputs too.
    inputs: proto.input.map((input) => readValueInfo(input, reading)).filter((input) => !initializers.has(input.name)),
    outputs: proto.output.map((output) => readValueInfo(output, reading)),
    initializers,
  };
};

const readOpsets = (sets: readonly OperatorSetIdProto[]): ReadonlyMap<string, number> => new Map(sets.map((set) => [domainOf(set.domain), Number(set.version)]));

const readFunction = (proto: FunctionProto, reading: Reading): LocalFunction => ({
  domain: domainOf(proto.domain),
  name: proto.name,
  overload: proto.overload,
  inputs: proto.input,
  outputs: proto.output,
  defaults: readAttributes(proto.attributeProto, reading),
  nodes: proto.node.map((node) => readNode(node, reading)),
  opsets: readOpsets(proto.opsetImport),
});

/** Decodes the bytes of a model file without copying its weights; fields that we do not know are kept in the message. @throws LensError MODEL_DAMAGED. */
export const decodeModel = (bytes: Uint8Array, path: string): ModelProto => {
  const damaged = (why: string): LensError => new LensError("MODEL_DAMAGED", `${path} is not a complete ONNX model: ${why}.`, "The file was cut off or is of another kind: export or copy it again.");
  let proto: ModelProto;
  try {
    proto = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  if (proto.graph === undefined || proto.opsetImport.length === 0) throw damaged("it holds no graph or names no operator set");
  if (proto.graph.output.length === 0) throw damaged("its graph has no output");
  return proto;
};

/**
 * Reads a model. Weights stay views into `bytes`, which must not change as long as the model is used; external data is read by
 * `external` when a tensor is loaded. float16, bfloat16 and narrower types are held in the next wider type (float32, int8, uint8), and
 * what names them as a type names that one.
 * @throws LensError MODEL_DAMAGED, MODEL_TENSOR, MODEL_DTYPE, MODEL_ATTRIBUTE, MODEL_SPARSE.
 */
export const readModel = (bytes: Uint8Array, path: string, external?: ExternalReader): Model => {
  const proto = decodeModel(bytes, path);
  const reading: Reading = { external, widened: new Set(), files: new Set() };
  const graph = readGraph(proto.graph ?? (() => { throw new Error("checked by decodeModel"); })(), reading);
  return {
    irVersion: Number(proto.irVersion),
    opsets: readOpsets(proto.opsetImport),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    functions: proto.functions.map((f) => readFunction(f, reading)),
    graph,
    widened: [...reading.widened],
    externalFiles: [...reading.files].sort(),
  };
};
