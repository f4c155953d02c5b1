import { LensError } from "../core/errors.ts";
import { sizeOf, type DType, type Tensor } from "../core/tensor.ts";
import { tensorOver, widthOf } from "./tensor-bytes.ts";

const refuse = (value: number | bigint, index: number, from: DType, to: DType): LensError =>
  new LensError("CONVERT_RANGE", `value ${value} at flat index ${index} (${from}) has no ${to} counterpart`, `Store the array as ${to}, or scale it so that every value fits.`);

const LIMITS: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1], int16: [-32768, 32767], int8: [-128, 127], uint32: [0, 2 ** 32 - 1], uint16: [0, 65535], uint8: [0, 255], bool: [0, 1],
};

const fits = (value: number, to: DType): boolean => {
  if (to === "float64") return true;
  if (to === "float32") return !Number.isFinite(value) || Number.isFinite(Math.fround(value));
  const [low, high] = LIMITS[to] ?? [-Infinity, Infinity];
  return Number.isInteger(value) && value >= low && value <= high;
};

const fitsBig = (value: bigint, to: DType): boolean => (to === "int64" ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value);

const asBig = (value: number | bigint): bigint | null => {
  if (typeof value === "bigint") return value;
  return Number.isSafeInteger(value) ? BigInt(value) : null;
};

/**
 * The tensor with its elements as `dtype`: the one conversion between element types, so that none happens silently. The same tensor when
 * it already has that type, otherwise a copy owned by the caller. float64 → float32 rounds to nearest; every other conversion is exact:
 * 64-bit integers go through bigint, and a value that the new type cannot hold is refused.
 * @throws LensError CONVERT_RANGE naming the first such value.
 */
export const convertTo = (tensor: Tensor, dtype: DType): Tensor => {
  if (tensor.dtype === dtype) return tensor;
  const result = tensorOver(dtype, tensor.shape, new ArrayBuffer(sizeOf(tensor.shape) * widthOf(dtype)));
  const source = tensor.data;
  if (result.dtype === "int64" || result.dtype === "uint64") {
    for (let i = 0; i < source.length; i++) {
      const value = source[i] ?? 0;
      const big = asBig(value);
      if (big === null || !fitsBig(big, dtype)) throw refuse(value, i, tensor.dtype, dtype);
      result.data[i] = big;
    }
    return result;
  }
  for (let i = 0; i < source.length; i++) {
    const held = source[i] ?? 0;
    const value = Number(held);
    if ((typeof held === "bigint" && !Number.isSafeInteger(value)) || !fits(value, dtype)) throw refuse(held, i, tensor.dtype, dtype);
    result.data[i] = value;
  }
  return result;
};
