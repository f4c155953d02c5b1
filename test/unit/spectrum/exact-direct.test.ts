import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { rowsOfMatrix } from "../../../src/linalg/row-source.ts";
import { directCertificate } from "../../../src/spectrum/certificate-exact.ts";
import { directSpectrum } from "../../../src/spectrum/exact-direct.ts";
import { exactSpectrumOfRows } from "../../../src/spectrum/exact-rows.ts";
import { dot, furthest } from "../linalg/support.ts";
import { denseMatrix, knownOperator, SPECTRA } from "./operators.ts";

/** From 1 down to 1e-12, and some that are zero. */
const graded = (n: number): number[] => Array.from({ length: n }, (_, s) => (s < n - 5 ? 10 ** ((-12 * s) / (n - 6)) : 0));

describe("directSpectrum", () => {
  it.each([[40, 90], [90, 40], [50, 50], [1, 7], [7, 1]])("finds values down to 1e-12·λ₁, vectors and coefficients of a [%i, %i] Jacobian", async (rows, columns) => {
    const n = Math.min(rows, columns);
    const values = n > 1 ? graded(n) : [2];
    const operator = knownOperator(rows, columns, values, 4);
    const z = random(7, "z").normals(rows);
    const found = await directSpectrum(rowsOfMatrix(await denseMatrix(operator), rows, columns), [z], { leading: n });
    expect(found.singularValues).toHaveLength(n);
    expect(furthest(found.singularValues, values)).toBeLessThan(2e-15 * Math.sqrt(n) * values[0]!);
    const above = values.filter((value) => value > found.floor).length;
    expect(found.vectors).toHaveLength(above * rows);
    for (let s = 0; s < above; s++) {
      const u = found.vectors.subarray(s * rows, (s + 1) * rows);
      // The direction is known to rounding over the gap, which is about the value itself.
      const tolerance = Math.max(1e-12, (1e-14 * values[0]!) / values[s]!);
      expect(1 - Math.abs(dot(u, operator.left(s)))).toBeLessThan(tolerance);
      expect(Math.abs(Math.abs(found.coefficients[0]![s]!) - Math.abs(dot(operator.left(s), z)))).toBeLessThan(10 * tolerance);
      expect(dot(u, z) * found.coefficients[0]![s]!).toBeGreaterThan(-1e-9);
    }
    if (n === rows) expect(dot(found.coefficients[0]!, found.coefficients[0]!)).toBeCloseTo(dot(z, z), 10);
  });

  it("sees what a Gram matrix loses", async () => {
    const values = graded(40);
    const source = rowsOfMatrix(await denseMatrix(knownOperator(40, 60, values, 1)), 40, 60);
    const [direct, gram] = [await directSpectrum(source, [], {}), await exactSpectrumOfRows(source, [], {})];
    expect(direct.floor).toBeLessThan(gram.floor / 1e4);
    expect(direct.singularValues[30]! / values[30]!).toBeCloseTo(1, 3);
    expect(Math.abs(gram.singularValues[30]! / values[30]! - 1)).toBeGreaterThan(0.1);
  });

  it.each(Object.keys(SPECTRA))("has error bars that hold: %s, 20 seeds, values and projections at every rank", async (kind) => {
    for (let seed = 0; seed < 20; seed++) {
      const [rows, columns] = seed % 2 === 0 ? [30 + seed, 50] : [60, 30 + seed];
      const n = Math.min(rows, columns);
      const values = SPECTRA[kind]!(n, seed);
      const operator = knownOperator(rows, columns, values, seed);
      const z = random(seed, "z").normals(rows);
      const found = await directSpectrum(rowsOfMatrix(await denseMatrix(operator), rows, columns), [z], {});
      const { errors, projections } = directCertificate(found.singularValues, found.floor);
      for (let s = 0, exact = 0, computed = 0; s < n; s++) {
        expect(Math.abs(found.singularValues[s]! - values[s]!), `value ${s}, seed ${seed}`).toBeLessThanOrEqual(errors[s]!);
        exact += dot(operator.left(s), z) ** 2;
        computed += found.coefficients[0]![s]! ** 2;
        expect(Math.abs(Math.sqrt(exact) - Math.sqrt(computed)) / Math.sqrt(dot(z, z)), `rank ${s + 1}, seed ${seed}`).toBeLessThanOrEqual(projections[s]! + 1e-12);
      }
    }
  });

  it("takes a zero Jacobian for what it is", async () => {
    const found = await directSpectrum(rowsOfMatrix(new Float64Array(12), 4, 3), [new Float64Array(4).fill(1)], { leading: 2 });
    expect(found.singularValues).toEqual(new Float64Array(3));
    expect(found.vectors).toHaveLength(0);
  });
});
