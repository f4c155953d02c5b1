import { fromBinary } from "@bufbuild/protobuf";
import { LensError } from "../core/errors.ts";
import type { Attribute, Attributes, Graph, Initializer, Model, Node, ValueInfo } from "./graph.ts";
import { dtypeOf } from "./data-types.ts";
import { AttributeProto_AttributeType as Kind, type AttributeProto, type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto, type TensorProto, type ValueInfoProto } from "./proto/onnx_pb.ts";
import { decodeTensor, dtypeOfTensor, type ExternalReader, shapeOf } from "./tensor-data.ts";

const text = new TextDecoder();

const readAttribute = (proto: AttributeProto, external: ExternalReader | undefined): Attribute => {
  if (proto.refAttrName !== "") return { type: "reference", value: proto.refAttrName };
  switch (proto.type) {
    case Kind.FLOAT: return { type: "float", value: proto.f };
    case Kind.INT: return { type: "int", value: proto.i };
    case Kind.STRING: return { type: "string", value: text.decode(proto.s) };
    case Kind.FLOATS: return { type: "floats", value: proto.floats };
    case Kind.INTS: return { type: "ints", value: proto.ints };
    case Kind.STRINGS: return { type: "strings", value: proto.strings.map((s) => text.decode(s)) };
    case Kind.TENSOR:
      if (proto.t) return { type: "tensor", value: decodeTensor(proto.t, external) };
      break;
    case Kind.GRAPH:
      if (proto.g) return { type: "graph", value: readGraph(proto.g, external) };
      break;
    default:
  }
  throw new LensError("MODEL_ATTRIBUTE", `Attribute "${proto.name}" has a type that is not supported (${Kind[proto.type] ?? String(proto.type)}).`, "Export the model without sparse tensors, type attributes and lists of graphs.");
};

const readNode = (proto: NodeProto, external: ExternalReader | undefined): Node => {
  const attributes: Record<string, Attribute> = {};
  for (const attribute of proto.attribute) attributes[attribute.name] = readAttribute(attribute, external);
  return { op: proto.opType, domain: proto.domain === "ai.onnx" ? "" : proto.domain, name: proto.name === "" ? (proto.output[0] ?? "") : proto.name, inputs: proto.input, outputs: proto.output, attributes: attributes satisfies Attributes };
};

const readValueInfo = (proto: ValueInfoProto): ValueInfo => {
  const type = proto.type?.value;
  if (type?.case !== "tensorType") return { name: proto.name, dtype: null, shape: null };
  const shape = type.value.shape?.dim.map((dim) => (dim.value.case === "dimValue" ? Number(dim.value.value) : dim.value.case === "dimParam" ? dim.value.value : null)) ?? null;
  return { name: proto.name, dtype: dtypeOf(type.value.elemType) ?? null, shape };
};

const readInitializer = (proto: TensorProto, external: ExternalReader | undefined): Initializer => {
  let held: ReturnType<typeof decodeTensor> | undefined;
  return { name: proto.name, dtype: dtypeOfTensor(proto), shape: shapeOf(proto), load: () => (held ??= decodeTensor(proto, external)) };
};

const readGraph = (proto: GraphProto, external: ExternalReader | undefined): Graph => {
  if (proto.sparseInitializer.length > 0) throw new LensError("MODEL_SPARSE", `Graph "${proto.name}" stores sparse initializers, which are not supported.`, "Export the model with dense weights.");
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, readInitializer(tensor, external)]));
  return {
    name: proto.name,
    nodes: proto.node.map((node) => readNode(node, external)),
    // Up to IR version 3 initializers are listed among the inputs too.
    inputs: proto.input.map(readValueInfo).filter((input) => !initializers.has(input.name)),
    outputs: proto.output.map(readValueInfo),
    initializers,
  };
};

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
 * `external` when a tensor is loaded.
 * @throws LensError MODEL_DAMAGED, MODEL_TENSOR, MODEL_DTYPE, MODEL_ATTRIBUTE, MODEL_SPARSE.
 */
export const readModel = (bytes: Uint8Array, path: string, external?: ExternalReader): Model => {
  const proto = decodeModel(bytes, path);
  return {
    irVersion: Number(proto.irVersion),
    opsets: new Map(proto.opsetImport.map((set) => [set.domain === "ai.onnx" ? "" : set.domain, Number(set.version)])),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    functions: proto.functions.map((f) => `${f.domain}.${f.name}`),
    graph: readGraph(proto.graph ?? (() => { throw new Error("checked by decodeModel"); })(), external),
  };
};
