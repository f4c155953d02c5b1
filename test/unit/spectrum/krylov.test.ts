import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { dot, furthest } from "../linalg/support.ts";
import { denseOperator, knownOperator, SPECTRA } from "./operators.ts";

const orthogonality = (vectors: Float64Array, n: number): number => {
  let worst = 0;
  for (let s = 0; s * n < vectors.length; s++)
    for (let t = 0; t <= s; t++) worst = Math.max(worst, Math.abs(dot(vectors.subarray(s * n, (s + 1) * n), vectors.subarray(t * n, (t + 1) * n)) - (s === t ? 1 : 0)));
  return worst;
};

const repeated = (value: number, times: number): number[] => new Array<number>(times).fill(value);

describe("leadingTriplets", () => {
  it.each([[90, 140], [140, 90]])("finds leading values and orthonormal vectors on both sides of a [%i, %i] Jacobian", async (rows, columns) => {
    const values = SPECTRA["power law"]!(90, 0);
    const operator = knownOperator(rows, columns, values, 11);
    const found = await leadingTriplets(operator, 8, { tolerance: 1e-9, block: 3 });
    expect(furthest(found.values, values.slice(0, 8))).toBeLessThan(1e-12);
    expect(orthogonality(found.left, rows)).toBeLessThan(1e-12);
    expect(orthogonality(found.right, columns)).toBeLessThan(1e-12);
    for (let s = 0; s < 8; s++) {
      const u = dot(found.left.subarray(s * rows, (s + 1) * rows), operator.left(s));
      const v = dot(found.right.subarray(s * columns, (s + 1) * columns), operator.right(s));
      expect(Math.abs(u)).toBeCloseTo(1, 12);
      expect(u).toBeCloseTo(v, 8);
    }
    expect(found.converged).toEqual(new Array<boolean>(8).fill(true));
    expect(found.products).toBe(operator.products());
  });

  it("converges: products more shrink the largest certificate by ten and more at a flat edge, and the values' errors by its square", async () => {
    const values = SPECTRA["flat edge"]!(400, 0);
    const runs = await Promise.all([100, 120, 160].map((maxProducts) => leadingTriplets(knownOperator(400, 500, values, 3), 10, { tolerance: 1e-13, block: 2, maxBasis: 40, maxProducts })));
    const certificates = runs.map((run) => Math.max(...run.certificates));
    const errors = runs.map((run) => furthest(run.values, values.slice(0, 10)));
    for (let i = 1; i < runs.length; i++) expect(certificates[i]).toBeLessThan(certificates[i - 1]! / 10);
    // Ritz values err by residual²/gap; the gaps at this edge are about 1e-3.
    runs.forEach((run, i) => expect(errors[i]).toBeLessThan(1e3 * certificates[i]! ** 2 + 1e-14));
    expect(runs[0]!.converged).toContain(false);
  });

  it("needs restarts and gets there when the basis is hardly larger than what is asked for and the edge of the spectrum is flat", async () => {
    const values = SPECTRA["flat edge"]!(200, 4);
    const operator = knownOperator(200, 300, values, 4);
    const found = await leadingTriplets(operator, 10, { tolerance: 1e-6, block: 4, maxBasis: 20 });
    expect(found.converged.every(Boolean)).toBe(true);
    expect(found.products).toBeGreaterThan(200);
    expect(furthest(found.values, values.slice(0, 10))).toBeLessThan(1e-6 * values[0]!);
  });

  it("finds all copies of singular values that are repeated more often than the block is wide", async () => {
    const values = [...repeated(3, 17), ...repeated(2, 9), ...repeated(0.5, 60)];
    const found = await leadingTriplets(knownOperator(86, 100, values, 8), 26, { block: 4, tolerance: 1e-8 });
    expect(furthest(found.values, values.slice(0, 26))).toBeLessThan(1e-12);
    expect(found.rest.estimate).toBeCloseTo(0.5, 10);
  });

  it.each([
    ["one number", 1, 1, [3]],
    ["one column", 9, 1, [2]],
    ["one row", 1, 9, [2]],
    ["zero", 12, 20, repeated(0, 12)],
    ["the identity", 30, 30, repeated(1, 30)],
    ["rank two", 30, 25, [5, 1, ...repeated(0, 23)]],
    ["a size that no number of blocks fits", 23, 29, Array.from({ length: 23 }, (_, s) => 23 - s)],
  ])("is exact when all or more singular values are wanted than there are: %s", async (_name, rows, columns, values) => {
    const found = await leadingTriplets(knownOperator(rows, columns, values, 2), 40, { block: 4, tolerance: 1e-10 });
    expect(found.values).toHaveLength(Math.min(rows, columns));
    expect(furthest(found.values, values)).toBeLessThan(1e-12 * (values[0]! + 1));
    expect(found.rest).toEqual({ estimate: 0, bound: 0, failure: 0 });
    expect(Math.max(...found.certificates)).toBeLessThan(1e-12 * (values[0]! + 1));
    expect(orthogonality(found.left, rows)).toBeLessThan(1e-12);
    expect(orthogonality(found.right, columns)).toBeLessThan(1e-12);
  });

  it("finds singular values that a float32 Gram matrix would lose, though every product is rounded to float32", async () => {
    const values = [1, 0.1, 1e-2, 1e-3, 1e-4, 2e-5, ...repeated(1e-8, 94)];
    const productError = 2 ** -22 * Math.hypot(...values);
    const found = await leadingTriplets(knownOperator(100, 130, values, 6, true), 6, { productError, tolerance: 1e-9, block: 3 });
    for (let s = 0; s < 6; s++) expect(Math.abs(found.values[s]! - values[s]!)).toBeLessThan(productError);
    expect(found.values[5]! / 2e-5).toBeCloseTo(1, 1);
    expect(found.converged.every(Boolean)).toBe(true);
    expect(found.products).toBeLessThan(200);
  });

  it.each([[90, 400], [400, 90]])("keeps one side only when asked: the same values and certificates for [%i, %i], and no vectors of the longer side", async (rows, columns) => {
    const values = [...repeated(3, 9), ...SPECTRA["power law"]!(81, 0)];
    const operator = knownOperator(rows, columns, values, 12);
    const found = await leadingTriplets(operator, 14, { sides: "short", block: 4, tolerance: 1e-6 });
    expect(furthest(found.values, values.slice(0, 14))).toBeLessThan(1e-9);
    expect(found.converged.every(Boolean)).toBe(true);
    expect(Math.max(...found.certificates)).toBeLessThan(3e-6);
    expect([found.left, found.right].map((vectors) => vectors.length)).toEqual(rows < columns ? [14 * rows, 0] : [0, 14 * columns]);
    expect(orthogonality(rows < columns ? found.left : found.right, 90)).toBeLessThan(1e-12);
    expect(found.products).toBe(operator.products());
  });

  it("does not wait, with one side kept, for values that its products cannot determine, and says how uncertain they are", async () => {
    const values = [1, 0.1, 1e-2, 1e-5, 1e-6, ...repeated(0, 55)];
    const productError = 2 ** -22;
    const found = await leadingTriplets(knownOperator(60, 90, values, 13, true), 5, { sides: "short", productError, block: 3 });
    expect(found.products).toBeLessThan(200);
    expect(found.converged).toEqual([true, true, true, false, false]);
    found.values.forEach((value, s) => expect(Math.abs(value - values[s]!)).toBeLessThanOrEqual(found.certificates[s]!));
  });

  it("says what did not converge when the products are used up", async () => {
    const found = await leadingTriplets(knownOperator(300, 300, SPECTRA["flat edge"]!(300, 1), 1), 20, { maxProducts: 60, block: 4, tolerance: 1e-8 });
    expect(found.converged.slice(-1)).toEqual([false]);
    expect(found.certificates[19]).toBeGreaterThan(1e-8 * found.values[0]!);
  });

  it("gives the same numbers for the same seed, and the same values for another", async () => {
    const run = (seed: number) => leadingTriplets(knownOperator(60, 80, SPECTRA.exponential!(60, 0), 1), 5, { seed, tolerance: 1e-8 });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(furthest(other.values, first.values)).toBeLessThan(1e-13);
  });

  it("refuses a basis that is too small, by name, and names a NaN in a product", async () => {
    const operator = knownOperator(50, 60, [1], 1);
    await expect(leadingTriplets(operator, 20, { maxBasis: 22, block: 8 })).rejects.toMatchObject({ code: "BASIS_TOO_SMALL" });
    const bad = denseOperator(new Float64Array(20).fill(NaN), 4, 5);
    await expect(leadingTriplets(bad, 2)).rejects.toMatchObject({ code: "NOT_FINITE" });
  });

  it("stops when it is aborted, and hands the signal to the products", async () => {
    const stop = new AbortController();
    const operator = knownOperator(200, 200, SPECTRA["power law"]!(200, 0), 1);
    let given: AbortSignal | undefined;
    const watched = { ...operator, apply: (block: Float64Array, count: number, signal?: AbortSignal) => {
      given = signal;
      if (operator.products() > 40) stop.abort();
      return operator.apply(block, count);
    } };
    await expect(leadingTriplets(watched, 20, { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    expect(given).toBe(stop.signal);
  });

  it("reports progress that never falls, ends at 1 and counts", async () => {
    const seen: [number, string][] = [];
    const values = Array.from(random(5, "values").normals(90), Math.abs).sort((a, b) => b - a);
    await leadingTriplets(knownOperator(90, 120, values, 1), 10, { block: 4, progress: (fraction, label) => seen.push([fraction, label]) });
    const fractions = seen.map(([fraction]) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(seen[0]![1]).toMatch(/\d+\/10 singular values converged, \d+ products/);
  });
});
