import { sizeOf, type Tensor } from "../core/tensor.ts";
import { bytesOf, tensorOver, widthOf } from "./tensor-bytes.ts";

/** Bytes of one row along axis 0. */
export const rowBytes = (tensor: Pick<Tensor, "dtype" | "shape">): number => sizeOf(tensor.shape.slice(1)) * widthOf(tensor.dtype);

/** Rows [from, to) along axis 0, [to − from, ...], sharing memory with `tensor`: no copy. */
export const rowsOf = (tensor: Tensor, from: number, to: number): Tensor =>
  tensorOver(tensor.dtype, [to - from, ...tensor.shape.slice(1)], tensor.data.buffer, tensor.data.byteOffset + from * rowBytes(tensor));

/** The rows `indices` along axis 0, in that order, [indices.length, ...]; a copy owned by the caller. */
export const gatherRows = (tensor: Tensor, indices: ArrayLike<number>): Tensor => {
  const width = rowBytes(tensor);
  const source = bytesOf(tensor);
  const target = new Uint8Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const at = (indices[i] ?? 0) * width;
    target.set(source.subarray(at, at + width), i * width);
  }
  return tensorOver(tensor.dtype, [indices.length, ...tensor.shape.slice(1)], target.buffer);
};

/** One batch: rows [from, to) of x. */
export interface Batch {
  readonly from: number;
  readonly to: number;
  /** [to − from, ...], sharing memory with the whole. */
  readonly x: Tensor;
}

/** All rows of x in batches of `size`, in order; the last one may be shorter. */
export function* batches(x: Tensor, size: number): Generator<Batch> {
  const n = x.shape[0] ?? 0;
  for (let from = 0; from < n; from += size) {
    const to = Math.min(n, from + size);
    yield { from, to, x: rowsOf(x, from, to) };
  }
}
