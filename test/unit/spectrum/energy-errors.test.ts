import { describe, expect, it } from "vitest";
import { splitErrors } from "../../../src/core/split.ts";
import { random } from "../../../src/core/random.ts";
import { rowsOfMatrix } from "../../../src/linalg/row-source.ts";
import { directCertificate, type ExactCertificate, exactCertificate } from "../../../src/spectrum/certificate-exact.ts";
import { directSpectrum } from "../../../src/spectrum/exact-direct.ts";
import { exactSpectrumOfRows } from "../../../src/spectrum/exact-rows.ts";
import { gradientFloor } from "../../../src/spectrum/floor.ts";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { leadingEnergies } from "../../../src/spectrum/leading-energy.ts";
import { dot } from "../linalg/support.ts";
import { denseMatrix, type KnownOperator, knownOperator, SPECTRA } from "./operators.ts";

/** 5 kinds × 40 seeds; JJᵀ and JᵀJ in turn. */
const CASES = Object.keys(SPECTRA).flatMap((kind) => Array.from({ length: 40 }, (_, seed) => ({ kind, seed })));

interface Found {
  /** û_sᵀz. */
  readonly coefficients: Float64Array;
  readonly angles: Float64Array;
}

/** How J was decomposed. */
type Way = (operator: KnownOperator, values: readonly number[], z: Float64Array, seed: number) => Promise<Found>;

const whole = (coefficients: readonly Float64Array[], { projections }: ExactCertificate): Found => ({ coefficients: coefficients[0]!, angles: projections });

const WAYS: Readonly<Record<string, Way>> = {
  "the Gram matrix of gradients rounded to float32": async (operator, values, z) => {
    const { rows, columns } = operator;
    const rounded = Float64Array.from(await denseMatrix(operator), Math.fround);
    const { singularValues, coefficients } = await exactSpectrumOfRows(rowsOfMatrix(rounded, rows, columns), [z], {});
    return whole(coefficients, exactCertificate(singularValues, gradientFloor(Math.hypot(...values)), rows));
  },
  "J itself in float64": async (operator, values, z) => {
    const { rows, columns } = operator;
    const { singularValues, coefficients, floor } = await directSpectrum(rowsOfMatrix(await denseMatrix(operator), rows, columns), [z], {});
    return whole(coefficients, directCertificate(singularValues, floor + gradientFloor(Math.hypot(...values), "double")));
  },
  "block Krylov to 1e-4·λ₁": async (operator, _values, z, seed) => {
    const triplets = await leadingTriplets(operator, 14, { seed, block: 1 + (seed % 8), failure: 1e-6 });
    const { vectors, errors } = leadingEnergies(triplets, [z]);
    return { coefficients: vectors[0]!.coefficients, angles: errors };
  },
};

describe("error bars of information and nuisance", () => {
  it.each(Object.keys(WAYS))("hold at every rank of 200 random matrices with known spectra: %s", async (way) => {
    let [claims, useful] = [0, 0];
    for (const { kind, seed } of CASES) {
      const short = 30 + (seed % 9);
      const [rows, columns] = seed % 2 === 0 ? [short, short + 25] : [short + 25, short];
      const values = SPECTRA[kind]!(short, seed);
      const operator = knownOperator(rows, columns, values, seed);
      const z = random(seed, "z").normals(rows);
      const { coefficients, angles } = await WAYS[way]!(operator, values, z, seed);
      const total = dot(z, z);
      for (let s = 0, exact = 0, computed = 0; s < angles.length; s++) {
        exact += dot(operator.left(s), z) ** 2;
        computed += coefficients[s]! ** 2;
        const shares = (sum: number): { information: number; nuisance: number } => ({ information: Math.sqrt(Math.min(1, sum / total)), nuisance: Math.sqrt(Math.max(0, 1 - sum / total)) });
        const [truth, mine] = [shares(exact), shares(computed)];
        const errors = splitErrors(mine, angles[s]!);
        // A share near zero is the root of a difference: rounding of 1e-15 in it is 3e-8 in the share.
        expect(Math.abs(truth.information - mine.information), `${kind}, seed ${seed}, rank ${s + 1}`).toBeLessThanOrEqual(errors.information + 1e-7);
        expect(Math.abs(truth.nuisance - mine.nuisance), `${kind}, seed ${seed}, rank ${s + 1}`).toBeLessThanOrEqual(errors.nuisance + 1e-7);
        claims++;
        if (errors.information < 0.01) useful++;
      }
    }
    expect(useful / claims).toBeGreaterThan(0.25);
  });
});
