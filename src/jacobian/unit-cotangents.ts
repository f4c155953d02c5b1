import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { Cotangents } from "./factors.ts";

/** Rows k, k + 1, … of J itself: unit vectors, whatever the outputs are; past K they are zero. */
export const unitCotangents: Cotangents = (outputs, k, together): Tensor => {
  const [batch = 1] = outputs.shape;
  const classes = sizeOf(outputs.shape) / batch;
  const shape = [batch * together, ...outputs.shape.slice(1)];
  const data = outputs.dtype === "float64" ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
  for (let row = 0; row < batch * together; row++) {
    const own = k + (row % together);
    if (own < classes) data[row * classes + own] = 1;
  }
  return data instanceof Float64Array ? { dtype: "float64", shape, data } : { dtype: "float32", shape, data };
};
