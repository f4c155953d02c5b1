import { type DType, type Tensor, sizeOf } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { BYTES, heldTypeOf, nameOfCode } from "./data-types.ts";
import { NARROW, type NarrowType, widen } from "./narrow-types.ts";
import { type TensorProto, TensorProto_DataLocation } from "./proto/onnx_pb.ts";

/** Reads bytes [offset, offset + length) of a file beside the model. */
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

/** The values of the typed fields, which older exporters use instead of raw bytes. Narrow types lie in int32Data as bit patterns. */
const typedFields = (dtype: DType, proto: TensorProto, count: number): Tensor["data"] => {
  const narrow = NARROW.get(proto.dataType);
  if (narrow) {
    const patterns = narrow.bits === 16 ? Uint16Array.from(proto.int32Data) : Uint8Array.from(proto.int32Data);
    const held = Math.floor((patterns.byteLength * 8) / narrow.bits);
    return widen(narrow, new Uint8Array(patterns.buffer), narrow.bits === 4 ? Math.min(held, count) : held);
  }
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

/** Bytes that `count` stored values take. */
const storedBytes = (dtype: DType, narrow: NarrowType | undefined, count: number): number => (narrow ? Math.ceil((count * narrow.bits) / 8) : count * BYTES[dtype]);

/** Bytes [from, from + length) of a tensor that lies in another file. */
const externalBytes = (proto: TensorProto, read: ExternalReader | undefined, total: number, from: number, length: number): Uint8Array => {
  const entries = new Map(proto.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get("location");
  if (location === undefined) throw bad(proto.name, "says that its values lie in another file and does not name it");
  if (read === undefined) throw bad(proto.name, `refers to the file "${location}", which cannot be read here`);
  const offset = Number(entries.get("offset") ?? 0);
  const stored = entries.has("length") ? Number(entries.get("length")) : total;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(stored) || offset < 0 || stored < 0) throw bad(proto.name, "gives an impossible range of its external file");
  if (stored !== total) throw bad(proto.name, `should take ${total} bytes of "${location}" and takes ${stored}`);
  return read(location, offset + from, length);
};

/** The shape of a stored tensor. @throws LensError MODEL_TENSOR. */
export const shapeOf = (proto: TensorProto): number[] => {
  const shape = proto.dims.map(Number);
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) throw bad(proto.name, `has the impossible shape [${shape.join(", ")}]`);
  return shape;
};

/**
 * The element type in which a stored tensor is held: float16 and other narrow types are widened. @throws LensError MODEL_DTYPE for one that
 * is not held (strings, complex numbers).
 */
export const dtypeOfTensor = (proto: TensorProto): DType => {
  const dtype = heldTypeOf(proto.dataType);
  if (dtype === undefined) throw new LensError("MODEL_DTYPE", `Tensor "${proto.name}" has element type ${nameOfCode(proto.dataType)}, which is not supported.`, "Export the model in float32.");
  return dtype;
};

/** Whether a tensor's values lie in another file. */
export const isExternal = (proto: TensorProto): boolean => proto.dataLocation === TensorProto_DataLocation.EXTERNAL;

const fromBytes = (proto: TensorProto, dtype: DType, bytes: Uint8Array, count: number): Tensor["data"] => {
  const narrow = NARROW.get(proto.dataType);
  return narrow ? widen(narrow, bytes, count) : viewBytes(dtype, bytes, count);
};

/**
 * The values of a stored tensor: a view into the model's bytes where alignment and type allow it (not to be written to), else a copy.
 * @throws LensError MODEL_TENSOR, MODEL_DTYPE; MODEL_EXTERNAL from `read`.
 */
export const decodeTensor = (proto: TensorProto, read?: ExternalReader): Tensor => {
  const dtype = dtypeOfTensor(proto);
  const shape = shapeOf(proto);
  const count = sizeOf(shape);
  const expected = storedBytes(dtype, NARROW.get(proto.dataType), count);
  const external = isExternal(proto);
  const raw = external ? externalBytes(proto, read, expected, 0, expected) : proto.rawData;
  const data = raw.length > 0 || external ? (raw.length === expected ? fromBytes(proto, dtype, raw, count) : undefined) : typedFields(dtype, proto, count);
  if (data?.length !== count) throw bad(proto.name, `should hold ${count} values of type ${nameOfCode(proto.dataType)} (shape [${shape.join(", ")}]) and holds ${data === undefined ? `${raw.length} bytes` : `${data.length} values`}`);
  return { dtype, shape, data } as Tensor;
};

/**
 * Entries [from, from + count) of a stored tensor in C order; of external data only those bytes are read. `from` is even for 4-bit types.
 * @throws LensError as `decodeTensor`.
 */
export const decodeRange = (proto: TensorProto, read: ExternalReader | undefined, from: number, count: number): Tensor["data"] => {
  const dtype = dtypeOfTensor(proto);
  const total = storedBytes(dtype, NARROW.get(proto.dataType), sizeOf(shapeOf(proto)));
  const bytesOf = (entries: number): number => storedBytes(dtype, NARROW.get(proto.dataType), entries);
  if (isExternal(proto)) return fromBytes(proto, dtype, externalBytes(proto, read, total, bytesOf(from), bytesOf(count)), count);
  if (proto.rawData.length === total) return fromBytes(proto, dtype, proto.rawData.subarray(bytesOf(from), bytesOf(from) + bytesOf(count)), count);
  return decodeTensor(proto, read).data.slice(from, from + count);
};
