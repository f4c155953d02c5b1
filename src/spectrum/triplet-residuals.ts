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

const lengthOf = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/**
 * The same where only the vectors x on the short side of A are at hand, with y = A·x/‖A·x‖ for the others. Where A·x is nothing but the products'
 * error, y is noise: there √‖AᵀA·x − λ²·x‖ is less, which bounds the distance to a singular value as well; `gramError` is added to that norm.
 * Memory: a few blocks of the long side. @throws what the operator throws.
 */
export const measuredFromShort = async (a: LinearOperator, values: Float64Array, vectors: Float64Array, gramError: number, block: number, signal?: AbortSignal): Promise<Float64Array> => {
  const { rows, columns } = a;
  const residuals = new Float64Array(values.length);
  for (let from = 0; from < values.length; from += block) {
    const count = Math.min(block, values.length - from);
    const images = await a.apply(vectors.slice(from * columns, (from + count) * columns), count, signal);
    const lengths = Array.from({ length: count }, (_, j) => lengthOf(images.subarray(j * rows, (j + 1) * rows)));
    const back = await a.applyTransposed(images.map((x, i) => x / (lengths[Math.floor(i / rows)]! || 1)), count, signal);
    for (let j = 0; j < count; j++) {
      const [s, length] = [from + j, lengths[j]!];
      const value = values[s]!;
      const pair = Math.sqrt(((length - value) ** 2 + squaredDistance(back, j, vectors, s, value, columns)) / 2);
      const square = length > 0 ? length * Math.sqrt(squaredDistance(back, j, vectors, s, value ** 2 / length, columns)) : value ** 2;
      residuals[s] = length > 0 ? Math.min(pair, Math.sqrt(square + gramError)) : Math.sqrt(square + gramError);
    }
  }
  return residuals;
};
