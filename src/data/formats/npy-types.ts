import { LensError } from "../../core/errors.ts";
import type { DType, Tensor } from "../../core/tensor.ts";
import { widenHalf } from "../half.ts";
import { tensorOver } from "../tensor-bytes.ts";

/** How one NumPy element type is stored and what it becomes here. */
export interface ElementType {
  readonly dtype: DType;
  /** Bytes of one element in the file. */
  readonly width: number;
  /** `bytes` own their buffer and are taken over. */
  decode(bytes: Uint8Array, shape: readonly number[]): Tensor;
}

const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reverses the bytes of every element in place. */
export const swapBytes = (bytes: Uint8Array, width: number): Uint8Array => {
  for (let at = 0; at + width <= bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
};

const KINDS: Readonly<Record<string, DType>> = {
  f4: "float32", f8: "float64", i8: "int64", i4: "int32", i2: "int16", i1: "int8", u8: "uint64", u4: "uint32", u2: "uint16", u1: "uint8", b1: "bool",
};

/**
 * The element type of a NumPy `descr` such as "<f4".
 * @throws LensError NPY_OBJECT for pickled objects (never loaded), NPY_DTYPE for what is not a number.
 */
export const elementType = (descr: string, where: string): ElementType => {
  const [, order = "|", kind = "", size = ""] = /^([<>|=]?)([a-zA-Z?])(\d*)/.exec(descr) ?? [];
  if (kind === "O") throw new LensError("NPY_OBJECT", `${where}: holds Python objects (pickled), which are never loaded`, "Save it as numbers, e.g. numpy.save(path, numpy.stack(list_of_arrays)).");
  const code = kind === "?" ? "b1" : `${kind}${size}`;
  const dtype = code === "f2" ? "float32" : KINDS[code];
  if (dtype === undefined) throw new LensError("NPY_DTYPE", `${where}: elements of type ${descr} are not real numbers`, "Save it as float16/32/64, an integer type or bool.");
  const width = Number(size || 1);
  const swap = (order === ">" && HOST_IS_LITTLE) || (order === "<" && !HOST_IS_LITTLE);
  return {
    dtype,
    width,
    decode: (bytes, shape) => {
      if (swap) swapBytes(bytes, width);
      if (code !== "f2") return tensorOver(dtype, shape, bytes.buffer);
      return { dtype: "float32", shape, data: widenHalf(new Uint16Array(bytes.buffer)) };
    },
  };
};
