import { type DType, type Tensor, sizeOf } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { BYTES, dtypeOf, nameOfCode } from "./data-types.ts";
import { type TensorProto, TensorProto_DataLocation } from "./proto/onnx_pb.ts";

/** Reads bytes [offset, offset + length) of a file beside the model; length −1 means up to its end. */
export type ExternalReader = (location: string, offset: number, length: number) => Uint8Array;

const bad = (name: string, what: string): LensError =>
  new LensError("MODEL_TENSOR", `Tensor "${name}" ${what}.`, "The file is damaged or was cut off while it was written or copied: export or copy it again.");

/** Little-endian bytes as a typed array: a view where they are aligned, a copy where they are not. */
const viewBytes = (dtype: DType, bytes: Uint8Array, count: number): Tensor["data"] => {
  const aligned = bytes.byteOffset % BYTES[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  switch (dtype) {
    case "float32": return new Float32Array(buffer, byteOffset, count);
    case "float64": return new Float64Array(buffer, byteOffset, count);
    case "int64": return new BigInt64Array(buffer, byteOffset, count);
    case "uint64": return new BigUint64Array(buffer, byteOffset, count);
    case "int32": return new Int32Array(buffer, byteOffset, count);
    case "uint32": return new Uint32Array(buffer, byteOffset, count);
    case "int16": return new Int16Array(buffer, byteOffset, count);
    case "uint16": return new Uint16Array(buffer, byteOffset, count);
    case "int8": return new Int8Array(buffer, byteOffset, count);
    case "uint8":
    case "bool": return new Uint8Array(buffer, byteOffset, count);
  }
};

/** The values of the typed fields, which older exporters use instead of raw bytes. */
const typedFields = (dtype: DType, proto: TensorProto): Tensor["data"] => {
  switch (dtype) {
    case "float32": return Float32Array.from(proto.floatData);
    case "float64": return Float64Array.from(proto.doubleData);
    case "int64": return BigInt64Array.from(proto.int64Data);
    case "uint64": return BigUint64Array.from(proto.uint64Data);
    case "uint32": return Uint32Array.from(proto.uint64Data, Number);
    case "int32": return Int32Array.from(proto.int32Data);
    case "int16": return Int16Array.from(proto.int32Data);
    case "uint16": return Uint16Array.from(proto.int32Data);
    case "int8": return Int8Array.from(proto.int32Data);
    case "uint8":
    case "bool": return Uint8Array.from(proto.int32Data);
  }
};

const externalBytes = (proto: TensorProto, read: ExternalReader | undefined, expected: number): Uint8Array => {
  const entries = new Map(proto.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get("location");
  if (location === undefined) throw bad(proto.name, "says that its values lie in another file and does not name it");
  if (read === undefined) throw bad(proto.name, `refers to the file "${location}", which cannot be read here`);
  const offset = Number(entries.get("offset") ?? 0);
  const length = entries.has("length") ? Number(entries.get("length")) : expected;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) throw bad(proto.name, "gives an impossible range of its external file");
  return read(location, offset, length);
};

/** The shape of a stored tensor. @throws LensError MODEL_TENSOR. */
export const shapeOf = (proto: TensorProto): number[] => {
  const shape = proto.dims.map(Number);
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) throw bad(proto.name, `has the impossible shape [${shape.join(", ")}]`);
  return shape;
};

/**
 * The element type of a stored tensor. @throws LensError MODEL_DTYPE for one that is not held (float16, strings …).
 */
export const dtypeOfTensor = (proto: TensorProto): DType => {
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) throw new LensError("MODEL_DTYPE", `Tensor "${proto.name}" has element type ${nameOfCode(proto.dataType)}, which is not supported.`, "Export the model in float32.");
  return dtype;
};

/**
 * The values of a stored tensor: a view into the model's bytes where alignment allows it (not to be written to), else a copy.
 * @throws LensError MODEL_TENSOR, MODEL_DTYPE; EXTERNAL_DATA from `read`.
 */
export const decodeTensor = (proto: TensorProto, read?: ExternalReader): Tensor => {
  const dtype = dtypeOfTensor(proto);
  const shape = shapeOf(proto);
  const count = sizeOf(shape);
  const expected = count * BYTES[dtype];
  const external = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const raw = external ? externalBytes(proto, read, expected) : proto.rawData;
  const data = raw.length > 0 || external ? (raw.length === expected ? viewBytes(dtype, raw, count) : undefined) : typedFields(dtype, proto);
  if (data?.length !== count) throw bad(proto.name, `should hold ${count} values of type ${dtype} (shape [${shape.join(", ")}]) and holds ${data === undefined ? `${raw.length} bytes` : `${data.length} values`}`);
  return { dtype, shape, data } as Tensor;
};
