import type { LinearOperator } from "../../linalg/operator.ts";
import { probabilitiesOf } from "../cotangents.ts";

/** z ↦ L_iᵀz_i (or L_i z_i) for each sample of one column, L_i = diag(√p_i) − p_i√p_iᵀ. */
const applyFactors = (column: Float64Array, probabilities: Float64Array, classes: number, transposed: boolean): Float64Array => {
  const result = new Float64Array(column.length);
  for (let i = 0; i * classes < column.length; i++) {
    const p = probabilities.subarray(i * classes, (i + 1) * classes);
    const z = column.subarray(i * classes, (i + 1) * classes);
    const inner = p.reduce((sum, value, k) => sum + (transposed ? value : Math.sqrt(value)) * (z[k] ?? 0), 0);
    p.forEach((value, k) => { result[i * classes + k] = transposed ? Math.sqrt(value) * ((z[k] ?? 0) - inner) : Math.sqrt(value) * (z[k] ?? 0) - value * inner; });
  }
  return result;
};

/** L·u at outputs f [n·K]: the cotangent of J whose product with Jᵀ is J̃ᵀu. */
export const gaussNewtonCotangent = (u: Float64Array, outputs: Float64Array, classes: number): Float64Array => applyFactors(u, probabilitiesOf(outputs, classes), classes, false);

/** J̃ = LᵀJ of softmax cross-entropy at outputs f [n·K], as products. THEORY §1. */
export const gaussNewtonOperator = (jacobian: LinearOperator, outputs: Float64Array, classes: number): LinearOperator => {
  const probabilities = probabilitiesOf(outputs, classes);
  const eachColumn = (block: Float64Array, count: number, transposed: boolean): Float64Array => {
    const result = new Float64Array(block.length);
    const length = block.length / count;
    for (let j = 0; j < count; j++) result.set(applyFactors(block.subarray(j * length, (j + 1) * length), probabilities, classes, transposed), j * length);
    return result;
  };
  return {
    rows: jacobian.rows,
    columns: jacobian.columns,
    apply: async (block, count, signal) => eachColumn(await jacobian.apply(block, count, signal), count, true),
    applyTransposed: async (block, count, signal) => jacobian.applyTransposed(eachColumn(block, count, false), count, signal),
  };
};
