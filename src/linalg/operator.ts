/**
 * A matrix that is known by its products only, in float64. Blocks are column-major: column j of a block of b vectors of length m
 * stands at [j·m, (j+1)·m). Results are owned by the caller.
 */
export interface LinearOperator {
  readonly rows: number;
  readonly columns: number;
  /** A·V, V: [columns, count] → [rows, count]. */
  apply(block: Float64Array, count: number, signal?: AbortSignal): Promise<Float64Array>;
  /** Aᵀ·U, U: [rows, count] → [columns, count]. */
  applyTransposed(block: Float64Array, count: number, signal?: AbortSignal): Promise<Float64Array>;
}
