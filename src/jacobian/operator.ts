import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import type { Direction, Products, Samples } from "./products.ts";

/** Vectors that one run may take: at most enough to share the forward pass and few enough that graphs stay small; no other numbers, so that few graphs are loaded. */
const TOGETHER = [1, 4, 8] as const;
const MOST = 8;

/** A column of a block over parameters, cut into one array per parameter. */
const cut = (column: Float64Array, sizes: readonly number[]): Direction => {
  let at = 0;
  return sizes.map((size) => column.subarray(at, (at += size)));
};

/** Calls `run` on some columns at a time, of which the first `size` count: a group that is not full ends with zeros. */
const inGroups = async (block: Float64Array, length: number, count: number, run: (columns: readonly Float64Array[], from: number, size: number) => Promise<void>): Promise<void> => {
  for (let from = 0; from < count; from += MOST) {
    const size = Math.min(MOST, count - from);
    const together = TOGETHER.find((own) => own >= size) ?? MOST;
    const nothing = new Float64Array(together > size ? length : 0);
    await run(Array.from({ length: together }, (_, j) => (j < size ? block.subarray((from + j) * length, (from + j + 1) * length) : nothing)), from, size);
  }
};

/** J [n·K, p] at given weights as products, several vectors to a run. Products are float32 inside: relative errors of about 1e-7. */
export const jacobianOperator = (products: Products, weights: Readonly<Record<string, Tensor>>, data: Samples): LinearOperator => {
  const sizes = products.network.lowered.parameters.map((p) => sizeOf(p.shape));
  const rows = data.samples * products.network.outputs;
  const columns = sizes.reduce((a, b) => a + b, 0);
  return {
    rows,
    columns,
    async apply(block, count, signal = data.signal) {
      const result = new Float64Array(rows * count);
      await inGroups(block, columns, count, async (own, from, size) => {
        const found = await products.jvps(weights, { ...data, signal }, own.map((column) => cut(column, sizes)));
        found.slice(0, size).forEach((column, j) => { result.set(column, (from + j) * rows); });
      });
      return result;
    },
    async applyTransposed(block, count, signal = data.signal) {
      const result = new Float64Array(columns * count);
      await inGroups(block, rows, count, async (own, from, size) => {
        const found = await products.vjps(weights, { ...data, signal }, own);
        found.slice(0, size).forEach((direction, j) => {
          let at = (from + j) * columns;
          for (const piece of direction) {
            result.set(piece, at);
            at += piece.length;
          }
        });
      });
      return result;
    },
  };
};
