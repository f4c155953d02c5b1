/** Some rows of a matrix, in order. */
export interface RowSlice {
  /** The first row. */
  readonly from: number;
  readonly count: number;
  /** [count, columns], row-major; good until the visit goes on. */
  readonly values: Float32Array | Float64Array;
}

/** A matrix [rows, columns] that is seen a slice of rows at a time, as often as needed. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** Calls `take` with every slice, from the first row to the last, and waits for what it returns. */
  visit(take: (slice: RowSlice) => void | Promise<void>): Promise<void>;
}

/** A matrix that is at hand, [rows, columns] row-major, as one slice. */
export const rowsOfMatrix = (values: Float32Array | Float64Array, rows: number, columns: number): RowSource => ({
  rows,
  columns,
  visit: async (take) => { await take({ from: 0, count: rows, values }); },
});

/** The matrix itself in float64, [rows, columns] row-major, owned by the caller. Memory: 8·rows·columns bytes. */
export const gathered = async (source: RowSource): Promise<Float64Array> => {
  const all = new Float64Array(source.rows * source.columns);
  await source.visit(({ from, values }) => { all.set(values, from * source.columns); });
  return all;
};
