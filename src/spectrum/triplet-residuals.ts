import type { LinearOperator } from "../linalg/operator.ts";

/** Σ_i (product_i − value·vector_i)² for one pair of columns of a block and a basis. */
const squaredDistance = (product: Float64Array, at: number, vectors: Float64Array, s: number, value: number, size: number): number => {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const difference = product[at * size + i]! - value * vectors[s * size + i]!;
    sum += difference * difference;
  }
  return sum;
};

/**
 * √((‖Jv − λu‖² + ‖Jᵀu − λv‖²)/2) of every triplet, from products made for it alone: a singular value of J lies within that of λ.
 * Cost: two products each, `block` at a time. THEORY §9. @source Weyl's inequality on [0 J; Jᵀ 0]. @throws what the operator throws.
 */
export const measuredResiduals = async (
  operator: LinearOperator,
  { values, left, right }: { readonly values: Float64Array; readonly left: Float64Array; readonly right: Float64Array },
  block: number,
  signal?: AbortSignal,
): Promise<Float64Array> => {
  const { rows, columns } = operator;
  const residuals = new Float64Array(values.length);
  for (let from = 0; from < values.length; from += block) {
    const count = Math.min(block, values.length - from);
    const forward = await operator.apply(right.slice(from * columns, (from + count) * columns), count, signal);
    const back = await operator.applyTransposed(left.slice(from * rows, (from + count) * rows), count, signal);
    for (let j = 0; j < count; j++) {
      const s = from + j;
      residuals[s] = Math.sqrt((squaredDistance(forward, j, left, s, values[s]!, rows) + squaredDistance(back, j, right, s, values[s]!, columns)) / 2);
    }
  }
  return residuals;
};
