import type { LinearOperator } from "../linalg/operator.ts";

/** J or Jᵀ, whichever maps the shorter vectors to the longer ones. */
export interface Thin extends LinearOperator {
  /** True when this is Jᵀ: then its right singular vectors are the left ones of J. */
  readonly turned: boolean;
}

/** J turned so that rows ≥ columns. An iteration on the short side is exact once its basis is complete, and cheapest in memory. */
export const thin = (operator: LinearOperator): Thin => {
  if (operator.columns <= operator.rows) {
    return { rows: operator.rows, columns: operator.columns, turned: false, apply: (...a) => operator.apply(...a), applyTransposed: (...a) => operator.applyTransposed(...a) };
  }
  return { rows: operator.columns, columns: operator.rows, turned: true, apply: (...a) => operator.applyTransposed(...a), applyTransposed: (...a) => operator.apply(...a) };
};
