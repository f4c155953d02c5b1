import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { Cotangents } from "../jacobian/factors.ts";
import { unitCotangents } from "../jacobian/unit-cotangents.ts";
import { logSoftmax } from "../theory/fit.ts";
import type { Loss } from "./request.ts";

/** Rows [batch·C, …] in the type and row shape of the outputs. */
const rowsLike = (outputs: Tensor, rows: number, data: Float64Array): Tensor => {
  const shape = [rows, ...outputs.shape.slice(1)];
  return outputs.dtype === "float64" ? { dtype: "float64", shape, data } : { dtype: "float32", shape, data: Float32Array.from(data) };
};

/** softmax of every sample's K outputs, [n·K], in float64. */
export const probabilitiesOf = (outputs: Float64Array, classes: number): Float64Array => logSoftmax(outputs, classes).map(Math.exp);

/**
 * Rows of J̃ = LᵀJ, whose J̃ᵀJ̃ is the Gauss–Newton matrix of softmax cross-entropy: columns of L_i = diag(√p_i) − p_i√p_iᵀ.
 * @source derived; THEORY §1.
 */
const gaussNewton: Cotangents = (outputs, k, together) => {
  const [batch = 1] = outputs.shape;
  const classes = sizeOf(outputs.shape) / batch;
  const all = probabilitiesOf(Float64Array.from(outputs.data as ArrayLike<number>), classes);
  const data = new Float64Array(batch * together * classes);
  for (let i = 0; i < batch; i++) {
    const p = all.subarray(i * classes, (i + 1) * classes);
    for (let c = 0; c < together && k + c < classes; c++) {
      const root = Math.sqrt(p[k + c] ?? 0);
      p.forEach((probability, j) => { data[(i * together + c) * classes + j] = (j === k + c ? root : 0) - probability * root; });
    }
  }
  return rowsLike(outputs, batch * together, data);
};

export const cotangentsOf = (loss: Loss): Cotangents => (loss === "l2" ? unitCotangents : gaussNewton);
