import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { differenceProduct } from "./finite-difference.ts";
import type { Products, Samples } from "./products.ts";

/** J·V by differences of the network alone, and how well they agreed with half the step. */
export interface DifferenceOperator extends Pick<LinearOperator, "rows" | "columns" | "apply"> {
  /** The largest error bar so far, relative to its product. */
  bar(): number;
}

/** J [n·K, p] at given weights by its products from inference only: no derivative rule is needed. Cost: four runs over the samples for each direction. */
export const differenceOperator = (products: Products, weights: Readonly<Record<string, Tensor>>, data: Samples): DifferenceOperator => {
  const sizes = products.network.lowered.parameters.map((p) => sizeOf(p.shape));
  const rows = data.samples * products.network.outputs;
  const columns = sizes.reduce((a, b) => a + b, 0);
  let worst = 0;
  return {
    rows,
    columns,
    bar: () => worst,
    async apply(block, count, signal = data.signal) {
      const result = new Float64Array(rows * count);
      for (let j = 0; j < count; j++) {
        let at = j * columns;
        const { value, bar } = await differenceProduct(products, weights, { ...data, signal }, sizes.map((size) => block.subarray(at, (at += size))));
        worst = Math.max(worst, bar);
        result.set(value, j * rows);
      }
      return result;
    },
  };
};
