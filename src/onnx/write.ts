import { create, toBinary } from "@bufbuild/protobuf";
import type { Tensor } from "../core/tensor.ts";
import { codeOf } from "./data-types.ts";
import type { Attribute, Graph, LocalFunction, Node, ValueInfo } from "./graph.ts";
import {
  AttributeProtoSchema, AttributeProto_AttributeType as Kind, type AttributeProto, FunctionProtoSchema, type FunctionProto, GraphProtoSchema, type GraphProto, ModelProtoSchema, NodeProtoSchema, type NodeProto,
  OperatorSetIdProtoSchema, type OperatorSetIdProto, TensorProtoSchema, type TensorProto, ValueInfoProtoSchema, type ValueInfoProto,
} from "./proto/onnx_pb.ts";

const bytes = new TextEncoder();

/** A tensor message whose raw data is a view of the tensor's own memory. */
export const tensorProto = (name: string, tensor: Tensor): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: codeOf(tensor.dtype),
    dims: tensor.shape.map(BigInt),
    rawData: new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
  });

const attributeProto = (name: string, attribute: Attribute): AttributeProto => {
  const make = (rest: Parameters<typeof create<typeof AttributeProtoSchema>>[1]): AttributeProto => create(AttributeProtoSchema, { name, ...rest });
  switch (attribute.type) {
    case "float": return make({ type: Kind.FLOAT, f: attribute.value });
    case "int": return make({ type: Kind.INT, i: attribute.value });
    case "string": return make({ type: Kind.STRING, s: bytes.encode(attribute.value) });
    case "floats": return make({ type: Kind.FLOATS, floats: [...attribute.value] });
    case "ints": return make({ type: Kind.INTS, ints: [...attribute.value] });
    case "strings": return make({ type: Kind.STRINGS, strings: attribute.value.map((s) => bytes.encode(s)) });
    case "tensor": return make({ type: Kind.TENSOR, t: tensorProto("", attribute.value) });
    case "graph": return make({ type: Kind.GRAPH, g: graphProto(attribute.value) });
    case "reference": return make({ refAttrName: attribute.value });
  }
};

const nodeProto = (node: Node): NodeProto =>
  create(NodeProtoSchema, {
    opType: node.op,
    domain: node.domain,
    name: node.name,
    overload: node.overload ?? "",
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([key, value]) => attributeProto(key, value)),
  });

const valueInfoProto = (info: ValueInfo): ValueInfoProto => {
  if (info.dtype === null) return create(ValueInfoProtoSchema, { name: info.name });
  const dim = info.shape?.map((d) => ({ value: typeof d === "number" ? { case: "dimValue" as const, value: BigInt(d) } : typeof d === "string" ? { case: "dimParam" as const, value: d } : { case: undefined } }));
  return create(ValueInfoProtoSchema, {
    name: info.name,
    type: { value: { case: "tensorType", value: { elemType: codeOf(info.dtype), ...(dim === undefined ? {} : { shape: { dim } }) } } },
  });
};

const graphProto = (graph: Graph): GraphProto =>
  create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    input: graph.inputs.map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
    initializer: [...graph.initializers.values()].map((initializer) => tensorProto(initializer.name, initializer.load())),
  });

const opsetProtos = (opsets: ReadonlyMap<string, number>): OperatorSetIdProto[] => [...opsets].map(([domain, version]) => create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }));

const functionProto = (local: LocalFunction): FunctionProto =>
  create(FunctionProtoSchema, {
    domain: local.domain,
    name: local.name,
    overload: local.overload,
    input: [...local.inputs],
    output: [...local.outputs],
    attributeProto: Object.entries(local.defaults).map(([key, value]) => attributeProto(key, value)),
    node: local.nodes.map(nodeProto),
    opsetImport: opsetProtos(local.opsets),
  });

/** IR version written: the one of opset 21; ONNX Runtime 1.30 reads it everywhere. */
const IR_VERSION = 10n;

/** Serialises a graph as a model of its own. Cost: one copy of its initializers, which must stay under 2 GB together. */
export const writeModel = (graph: Graph, opsets: ReadonlyMap<string, number>, functions: readonly LocalFunction[] = []): Uint8Array =>
  toBinary(ModelProtoSchema, create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "jacobian-lens",
    graph: graphProto(graph),
    opsetImport: opsetProtos(opsets),
    functions: functions.map(functionProto),
  }));
