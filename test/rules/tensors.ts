import type { TensorOf } from "../../src/core/tensor.ts";

export const int32 = (shape: readonly number[], values: readonly number[]): TensorOf<"int32"> => ({ dtype: "int32", shape, data: Int32Array.from(values) });
