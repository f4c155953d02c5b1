import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { gaussianNormBound, lanczosFactor } from "../../../src/spectrum/norm-bound.ts";
import { knownOperator, SPECTRA } from "./operators.ts";

const leftBasis = (operator: ReturnType<typeof knownOperator>, count: number): Float64Array => {
  const basis = new Float64Array(operator.rows * count);
  for (let s = 0; s < count; s++) basis.set(operator.left(s), s * operator.rows);
  return basis;
};

describe("gaussianNormBound", () => {
  it.each([[1, 0, 0.1], [1, 2, 0.1], [4, 0, 1e-4], [4, 3, 1e-4]])("with %i probes and power %i fails no more often than said (%d), in 300 draws", async (probes, powers, failure) => {
    let violated = 0;
    for (let seed = 0; seed < 300; seed++) {
      const kind = Object.keys(SPECTRA)[seed % 5]!;
      const values = SPECTRA[kind]!(30, seed);
      const operator = knownOperator(30, 40, values, seed);
      const found = await gaussianNormBound(operator, leftBasis(operator, 3), probes, powers, random(seed, "probes"));
      expect(found.failure).toBeCloseTo(failure, 12);
      expect(found.estimate, `${kind}, seed ${seed}`).toBeLessThanOrEqual(values[3]! * (1 + 1e-12));
      if (found.bound < values[3]! * (1 - 1e-12)) violated++;
    }
    // The mean and 3.5 standard deviations of a binomial count.
    expect(violated).toBeLessThanOrEqual(300 * failure + 3.5 * Math.sqrt(300 * failure));
  });

  it("comes nearer to the norm with every power", async () => {
    const operator = knownOperator(200, 220, SPECTRA["power law"]!(200, 0), 1);
    const bounds = await Promise.all([0, 1, 3, 8].map(async (powers) => (await gaussianNormBound(operator, leftBasis(operator, 5), 6, powers, random(1, "probes"))).bound));
    for (let i = 1; i < bounds.length; i++) expect(bounds[i]).toBeLessThan(bounds[i - 1]!);
    expect(bounds[3]! * 6).toBeLessThan(1.3);
  });

  it("is zero for a zero rest, and takes an empty basis", async () => {
    const operator = knownOperator(20, 30, [4, 2], 1);
    const none = await gaussianNormBound(operator, new Float64Array(0), 3, 1, random(1, "probes"));
    expect(none.bound).toBeGreaterThan(4);
    const zero = await gaussianNormBound(knownOperator(20, 30, [], 1), new Float64Array(0), 3, 2, random(1, "probes"));
    expect(zero).toEqual({ estimate: 0, bound: 0, failure: 1e-3 });
  });
});

describe("lanczosFactor", () => {
  it("falls to 1 with steps and with starts, and says nothing after one step of one start", () => {
    const factors = [2, 4, 8, 16, 32].map((steps) => lanczosFactor(10_000, steps, 8, 1e-6));
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
    expect(factors[4]).toBeLessThan(1.02);
    expect(lanczosFactor(10_000, 8, 16, 1e-6)).toBeLessThan(lanczosFactor(10_000, 8, 8, 1e-6));
    expect(lanczosFactor(10_000, 1, 1, 1e-6)).toBeGreaterThan(1e6);
    expect(lanczosFactor(1, 1, 1, 1e-6)).toBe(1);
  });

  it("fails no more often than said for the rest of a Jacobian after few steps, in 200 draws at 20 %", async () => {
    let violated = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = [3, 1, ...new Array<number>(58).fill(0.97)];
      const { rest } = await leadingTriplets(knownOperator(60, 61, values, seed), 1, { block: 1, maxBasis: 3 + (seed % 3), failure: 0.2, seed, tolerance: 1e-3 });
      if (rest.bound < 1) violated++;
    }
    expect(violated).toBeLessThanOrEqual(200 * 0.2 + 3.5 * Math.sqrt(200 * 0.2));
  });
});
