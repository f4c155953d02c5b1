import type { RowSlice, RowSource } from "../../linalg/row-source.ts";
import type { BlockShare } from "./decomposition.ts";
import type { RowsOfAnalysis } from "./row-source.ts";

/** Rows of J that are measured as they go by. */
export interface MeasuredRows {
  readonly source: RowSource;
  /** ‖J_ℓ‖_F² of every parameter; to be asked for after the first visit. */
  blocks(): readonly BlockShare[];
}

/**
 * The same rows, whose squares are summed parameter by parameter, in float64, during the first visit. Cost: 2·rows·columns FLOPs, once: what one
 * vector takes in a product.
 */
export const measuredRows = ({ source, parameters }: Pick<RowsOfAnalysis, "source" | "parameters">): MeasuredRows => {
  const sums = new Float64Array(parameters.length);
  let visited = false;
  const add = ({ count, values }: RowSlice): void => {
    let at = 0;
    for (let row = 0; row < count; row++) {
      parameters.forEach((parameter, p) => {
        let sum = 0;
        for (const end = at + parameter.count; at < end; at++) sum += values[at]! ** 2;
        sums[p]! += sum;
      });
    }
  };
  return {
    source: {
      ...source,
      visit: (take) => {
        if (visited) return source.visit(take);
        visited = true;
        return source.visit((slice) => {
          add(slice);
          return take(slice);
        });
      },
    },
    blocks: () => parameters.map(({ name }, p) => ({ parameters: [name], squaredNorm: sums[p]! })),
  };
};
