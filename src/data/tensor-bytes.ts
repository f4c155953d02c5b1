import { sizeOf, type DType, type Tensor } from "../core/tensor.ts";

type View = (shape: readonly number[], buffer: ArrayBufferLike, offset: number, length: number) => Tensor;

const views: Readonly<Record<DType, View>> = {
  float32: (shape, buffer, offset, length) => ({ dtype: "float32", shape, data: new Float32Array(buffer, offset, length) }),
  float64: (shape, buffer, offset, length) => ({ dtype: "float64", shape, data: new Float64Array(buffer, offset, length) }),
  int64: (shape, buffer, offset, length) => ({ dtype: "int64", shape, data: new BigInt64Array(buffer, offset, length) }),
  int32: (shape, buffer, offset, length) => ({ dtype: "int32", shape, data: new Int32Array(buffer, offset, length) }),
  int16: (shape, buffer, offset, length) => ({ dtype: "int16", shape, data: new Int16Array(buffer, offset, length) }),
  int8: (shape, buffer, offset, length) => ({ dtype: "int8", shape, data: new Int8Array(buffer, offset, length) }),
  uint64: (shape, buffer, offset, length) => ({ dtype: "uint64", shape, data: new BigUint64Array(buffer, offset, length) }),
  uint32: (shape, buffer, offset, length) => ({ dtype: "uint32", shape, data: new Uint32Array(buffer, offset, length) }),
  uint16: (shape, buffer, offset, length) => ({ dtype: "uint16", shape, data: new Uint16Array(buffer, offset, length) }),
  uint8: (shape, buffer, offset, length) => ({ dtype: "uint8", shape, data: new Uint8Array(buffer, offset, length) }),
  bool: (shape, buffer, offset, length) => ({ dtype: "bool", shape, data: new Uint8Array(buffer, offset, length) }),
};

const widths: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int64: 8, int32: 4, int16: 2, int8: 1, uint64: 8, uint32: 4, uint16: 2, uint8: 1, bool: 1 };

/** Bytes of one element. */
export const widthOf = (dtype: DType): number => widths[dtype];

/** A tensor over `buffer` from byte `offset` on, without a copy: the tensor and the buffer are one. `offset` is a multiple of the element's width. */
export const tensorOver = (dtype: DType, shape: readonly number[], buffer: ArrayBufferLike, offset = 0): Tensor => views[dtype](shape, buffer, offset, sizeOf(shape));

/** The memory of a tensor as bytes (of this machine's byte order), without a copy. */
export const bytesOf = (tensor: Tensor): Uint8Array => new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
