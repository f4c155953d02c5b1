import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { gramMatrix } from "../../../src/linalg/matrix-product.ts";
import { exactSpectrum } from "../../../src/spectrum/exact.ts";
import { exactSpectrumOfRows } from "../../../src/spectrum/exact-rows.ts";
import { type RowSource, rowsOfMatrix } from "../../../src/linalg/row-source.ts";
import { dot, furthest } from "../linalg/support.ts";

const seed = 9;

/** J = Σ λ_s·u_s·v_sᵀ with u, v columns of reflections: known singular triplets. */
const known = (rows: number, columns: number, values: readonly number[]) => {
  const draw = random(seed, "triplets");
  const reflection = (n: number): ((s: number) => Float64Array) => {
    const w = draw.normals(n);
    const square = dot(w, w);
    return (s) => Float64Array.from(w, (value, i) => (i === s ? 1 : 0) - (2 * value * w[s]!) / square);
  };
  const [left, right] = [reflection(rows), reflection(columns)];
  const jacobian = new Float64Array(rows * columns);
  for (const [s, value] of values.entries()) {
    const [u, v] = [left(s), right(s)];
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) jacobian[i * columns + j] = jacobian[i * columns + j]! + value * u[i]! * v[j]!;
  }
  return { jacobian, left };
};

/** The same rows, seven at a time. */
const inSlices = (matrix: Float64Array, rows: number, columns: number): RowSource => ({
  rows,
  columns,
  visit: async (take) => {
    for (let from = 0; from < rows; from += 7) await take({ from, count: Math.min(7, rows - from), values: matrix.subarray(from * columns, Math.min(rows, from + 7) * columns) });
  },
});

const values = [9, 7, 4, 2, 1, 0.5];
const shapes = [[40, 90], [90, 40], [8, 6], [6, 8], [50, 50]] as const;

describe("exactSpectrumOfRows", () => {
  it.each(shapes)("finds the known singular values, left vectors and coefficients of a [%i, %i] Jacobian of rank 6", async (rows, columns) => {
    const { jacobian, left } = known(rows, columns, values);
    const given = [random(seed, "z").normals(rows), random(seed, "z2").normals(rows)];
    const found = await exactSpectrumOfRows(inSlices(jacobian, rows, columns), given, { leading: 6 });
    expect(found.singularValues).toHaveLength(Math.min(rows, columns));
    expect(furthest(found.singularValues.subarray(0, 6), values), `seed ${seed}`).toBeLessThan(1e-12);
    expect(Math.max(0, ...found.singularValues.subarray(6))).toBeLessThan(9 * found.floor);
    for (let s = 0; s < 6; s++) {
      const u = found.vectors.subarray(s * rows, (s + 1) * rows);
      expect(Math.abs(dot(u, left(s)))).toBeCloseTo(1, 12);
      for (const [i, z] of given.entries()) expect(Math.abs(found.coefficients[i]![s]!)).toBeCloseTo(Math.abs(dot(left(s), z)), 10);
    }
  });

  it.each(shapes)("gives Jᵀz and the columns' norms of a [%i, %i] Jacobian with it", async (rows, columns) => {
    const { jacobian } = known(rows, columns, values);
    const z = random(seed, "z").normals(rows);
    const { pulled, squaredColumns } = await exactSpectrumOfRows(inSlices(jacobian, rows, columns), [z], {});
    const column = (j: number): Float64Array => Float64Array.from({ length: rows }, (_, i) => jacobian[i * columns + j]!);
    for (let j = 0; j < columns; j++) {
      expect(pulled[0]![j]).toBeCloseTo(dot(column(j), z), 10);
      expect(squaredColumns[j]).toBeCloseTo(dot(column(j), column(j)), 10);
    }
  });

  it("leaves out left vectors and coefficients that JᵀJ does not determine", async () => {
    const { jacobian } = known(30, 10, [3, 1]);
    const found = await exactSpectrumOfRows(inSlices(jacobian, 30, 10), [new Float64Array(30).fill(1)], { leading: 10 });
    const count = found.vectors.length / 30;
    expect(count).toBeGreaterThanOrEqual(2);
    expect(found.singularValues.subarray(0, count).every((value) => value > found.floor)).toBe(true);
    expect(found.coefficients[0]!.subarray(count).every((value) => value === 0)).toBe(true);
  });

  it("takes a zero Jacobian for what it is", async () => {
    const found = await exactSpectrumOfRows(rowsOfMatrix(new Float64Array(12), 4, 3), [new Float64Array(4).fill(1)], { leading: 2 });
    expect(found.singularValues).toEqual(new Float64Array(3));
    expect(found.vectors).toHaveLength(0);
    expect(found.floor).toBe(0);
  });
});

describe("exactSpectrum", () => {
  it("puts the floor at √(16·ε)·λ₁ and never takes a root of a negative number", async () => {
    const { jacobian } = known(20, 60, values);
    const found = await exactSpectrum(gramMatrix(jacobian, 20, 60, "rows"), 20, [], {});
    expect(found.floor).toBe(2 ** -24 * found.singularValues[0]!);
    expect(found.singularValues.every((value) => value >= 0)).toBe(true);
  });
});
