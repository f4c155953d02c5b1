/** Element types of ONNX tensors that the program holds as numbers. float16 and bfloat16 are widened to float32 where they are read. */
export type DType = "float32" | "float64" | "int64" | "int32" | "int16" | "int8" | "uint64" | "uint32" | "uint16" | "uint8" | "bool";

export interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  int8: Int8Array;
  uint64: BigUint64Array;
  uint32: Uint32Array;
  uint16: Uint16Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** A dense array in C order. Whoever makes it owns `data`; whoever receives it must not write to it. */
export interface TensorOf<D extends DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf[D];
}

export type Tensor = { [D in DType]: TensorOf<D> }[DType];

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const float32 = (shape: readonly number[], data: Float32Array | readonly number[]): TensorOf<"float32"> => ({ dtype: "float32", shape, data: data instanceof Float32Array ? data : Float32Array.from(data) });

export const float64 = (shape: readonly number[], data: Float64Array | readonly number[]): TensorOf<"float64"> => ({ dtype: "float64", shape, data: data instanceof Float64Array ? data : Float64Array.from(data) });

/** An int64 tensor from integers; throws RangeError on a value that is not a safe integer. */
export const int64 = (shape: readonly number[], data: readonly number[]): TensorOf<"int64"> => ({ dtype: "int64", shape, data: BigInt64Array.from(data, BigInt) });

export const isFloat = (dtype: DType): dtype is "float32" | "float64" => dtype === "float32" || dtype === "float64";

/** The elements as JavaScript numbers; an int64 outside the safe range throws RangeError rather than being rounded. */
export const toNumbers = (tensor: Tensor): number[] => {
  if (tensor.dtype !== "int64" && tensor.dtype !== "uint64") return Array.from(tensor.data);
  return Array.from(tensor.data, (value) => {
    const n = Number(value);
    if (!Number.isSafeInteger(n)) throw new RangeError(`${value} does not fit a JavaScript number exactly`);
    return n;
  });
};

/** The elements in float64, a copy owned by the caller; only for floating and small integer types. */
export const toFloat64 = (tensor: Tensor): Float64Array => (tensor.dtype === "float64" ? tensor.data.slice() : Float64Array.from(toNumbers(tensor)));

/** The numbers of a tensor that is float64 by construction; anything else is a defect. No copy. */
export const doublesOf = (tensor: Tensor | undefined): Float64Array => {
  if (tensor?.dtype === "float64") return tensor.data;
  throw new Error(`a float64 tensor was expected, not ${tensor?.dtype ?? "none"}`);
};

/** The numbers of a tensor that is a floating one by construction; anything else is a defect. No copy. */
export const floatsOf = (tensor: Tensor | undefined): Float32Array | Float64Array => {
  if (tensor?.dtype === "float32" || tensor?.dtype === "float64") return tensor.data;
  throw new Error(`a floating tensor was expected, not ${tensor?.dtype ?? "none"}`);
};
