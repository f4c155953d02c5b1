import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { gramMatrix, matrixProduct } from "../../../src/linalg/matrix-product.ts";
import { exactCertificate } from "../../../src/spectrum/certificate-exact.ts";
import { exactSpectrum } from "../../../src/spectrum/exact.ts";
import { gradientFloor } from "../../../src/spectrum/floor.ts";
import { dot } from "../linalg/support.ts";
import { denseMatrix, knownOperator, SPECTRA } from "./operators.ts";

describe("exactCertificate", () => {
  it.each(Object.keys(SPECTRA).flatMap((kind) => [[kind, "single"], [kind, "double"]] as const))("holds for %s, gradients in %s precision, 20 seeds, values and projections at every rank", async (kind, precision) => {
    for (let seed = 0; seed < 20; seed++) {
      const [rows, columns] = [30 + seed, 60];
      const values = SPECTRA[kind]!(rows, seed);
      const operator = knownOperator(rows, columns, values, seed);
      const exactly = await denseMatrix(operator);
      const jacobian = precision === "single" ? exactly.map(Math.fround) : exactly;
      const z = random(seed, "z").normals(rows);
      const found = await exactSpectrum(gramMatrix(jacobian, rows, columns, "rows"), rows, [z], {});
      const { errors, projections } = exactCertificate(found.singularValues, gradientFloor(Math.hypot(...values), precision), rows);
      const norm = Math.sqrt(dot(z, z));
      for (let s = 0, exact = 0, computed = 0; s < rows; s++) {
        expect(Math.abs(found.singularValues[s]! - values[s]!), `value ${s}, seed ${seed}`).toBeLessThanOrEqual(errors[s]!);
        exact += dot(operator.left(s), z) ** 2;
        computed += found.coefficients[0]![s]! ** 2;
        expect(Math.abs(Math.sqrt(exact) - Math.sqrt(computed)) / norm, `rank ${s + 1}, seed ${seed}`).toBeLessThanOrEqual(projections[s]! + 1e-13);
      }
    }
  });

  it("counts no more values above the floor than a matrix in float64 has, at any size", async () => {
    for (const [rows, columns, rank] of [[30, 60, 4], [200, 80, 50], [600, 40, 5], [1000, 120, 57]] as const) {
      const draw = random(rows, "factors");
      const jacobian = matrixProduct(draw.normals(rows * rank), draw.normals(rank * columns), rows, rank, columns);
      const { singularValues, floor } = await exactSpectrum(gramMatrix(jacobian, rows, columns, "rows"), rows, [], {});
      const { errors } = exactCertificate(singularValues, gradientFloor(Math.hypot(...singularValues), "double"), rows);
      expect(singularValues.filter((value) => value > floor), `${rows} rows`).toHaveLength(rank);
      expect(singularValues.every((value, s) => s < rank || value <= errors[s]!)).toBe(true);
    }
  });

  it("says nothing of projections where there is no gap, and is small where there is", () => {
    const { errors, projections } = exactCertificate(Float64Array.of(4, 2, 2, 1, 0), 1e-7, 5);
    expect(projections[0]).toBeLessThan(1e-7);
    expect(projections[1]).toBe(1);
    expect(projections[2]).toBeLessThan(2e-7);
    expect(projections[4]).toBe(1);
    expect(errors[0]).toBeCloseTo(1e-7, 12);
    expect(errors[4]).toBeCloseTo(1e-7 + 2 ** -24 * 4, 12);
  });
});
