import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { Cotangents } from "../jacobian/factors.ts";
import type { Loss } from "./request.ts";

const like = (tensor: Tensor, data: Float64Array): Tensor => (tensor.dtype === "float64" ? { dtype: "float64", shape: tensor.shape, data } : { dtype: "float32", shape: tensor.shape, data: Float32Array.from(data) });

/** softmax of one row, in float64. */
const softmax = (row: Float64Array): Float64Array => {
  const largest = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
};

/** Row k of J itself. */
const plain: Cotangents = (outputs, k) => {
  const [batch = 1] = outputs.shape;
  const classes = sizeOf(outputs.shape) / batch;
  const data = new Float64Array(batch * classes);
  for (let i = 0; i < batch; i++) data[i * classes + k] = 1;
  return like(outputs, data);
};

/**
 * Row k of J̃ = LᵀJ, whose J̃ᵀJ̃ is the Gauss–Newton matrix of softmax cross-entropy: column k of L_i = diag(√p_i) − p_i√p_iᵀ.
 * @source derived; THEORY §1.
 */
const gaussNewton: Cotangents = (outputs, k) => {
  const [batch = 1] = outputs.shape;
  const classes = sizeOf(outputs.shape) / batch;
  const f = Float64Array.from(outputs.data as ArrayLike<number>);
  const data = new Float64Array(batch * classes);
  for (let i = 0; i < batch; i++) {
    const p = softmax(f.subarray(i * classes, (i + 1) * classes));
    const root = Math.sqrt(p[k] ?? 0);
    p.forEach((probability, j) => { data[i * classes + j] = (j === k ? root : 0) - probability * root; });
  }
  return like(outputs, data);
};

export const cotangentsOf = (loss: Loss): Cotangents => (loss === "l2" ? plain : gaussNewton);
