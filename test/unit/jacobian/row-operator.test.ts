import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { operatorOfRows } from "../../../src/jacobian/row-operator.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { type RowSource, rowsOfMatrix } from "../../../src/linalg/row-source.ts";
import { denseOperator } from "../spectrum/operators.ts";
import { furthest } from "../linalg/support.ts";

const runtime = openRuntime("cpu", 1);
const SEED = Math.floor(Math.random() * 2 ** 31);

/** A matrix that shows so many of its rows at a time, and counts its visits. */
const sliced = (matrix: Float64Array, rows: number, columns: number, each: number): RowSource & { visits: () => number } => {
  let visits = 0;
  return {
    rows, columns,
    visits: () => visits,
    visit: async (take) => {
      visits++;
      for (let from = 0; from < rows; from += each) {
        const count = Math.min(each, rows - from);
        await take({ from, count, values: matrix.slice(from * columns, (from + count) * columns) });
      }
    },
  };
};

describe(`a matrix seen by its rows, as an operator (seed ${SEED})`, () => {
  it.each([[37, 11, 5, 4], [8, 300, 3, 17], [1, 6, 1, 1], [60, 60, 60, 2]])("gives the products of [%i, %i] in slices of %i rows with %i vectors, in one visit each", async (rows, columns, each, count) => {
    const draw = random(SEED, "matrix");
    const matrix = draw.normals(rows * columns);
    const source = sliced(matrix, rows, columns, each);
    const [own, expected] = [operatorOfRows(runtime, source), denseOperator(matrix, rows, columns)];
    const [v, u] = [draw.normals(columns * count), draw.normals(rows * count)];
    const scale = 1e-13 * (rows + columns);
    expect(furthest(await own.apply(v, count), await expected.apply(v, count))).toBeLessThan(scale);
    expect(furthest(await own.applyTransposed(u, count), await expected.applyTransposed(u, count))).toBeLessThan(scale);
    expect(source.visits()).toBe(2);
    await own.dispose();
  });

  it("multiplies float32 rows in float32, and sums their slices in float64", async () => {
    const [rows, columns, count] = [90, 4000, 2];
    const draw = random(SEED, "large");
    const matrix = Float32Array.from(draw.normals(rows * columns));
    const [own, expected] = [operatorOfRows(runtime, rowsOfMatrix(matrix, rows, columns)), denseOperator(Float64Array.from(matrix), rows, columns)];
    const [v, u] = [draw.normals(columns * count), draw.normals(rows * count)];
    expect(furthest(await own.apply(v, count), await expected.apply(v, count))).toBeLessThan(1e-6 * Math.sqrt(columns) * 10);
    expect(furthest(await own.applyTransposed(u, count), await expected.applyTransposed(u, count))).toBeLessThan(1e-6 * Math.sqrt(rows) * 10);
    await own.dispose();
  });

  it("passes on what the rows throw", async () => {
    const broken: RowSource = { rows: 2, columns: 2, visit: () => Promise.reject(new Error("no rows")) };
    await expect(operatorOfRows(runtime, broken).apply(new Float64Array(2), 1)).rejects.toThrow("no rows");
  });
});
