import { describe, expect, it } from "vitest";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { sketchedTriplets } from "../../../src/spectrum/sketch.ts";
import { estimateSquaredNorm, knownSquaredNorm, tailMass } from "../../../src/spectrum/trace-estimate.ts";
import { dot } from "../linalg/support.ts";
import { knownOperator, SPECTRA } from "./operators.ts";

describe("estimateSquaredNorm", () => {
  it("brackets ‖J‖_F² by itself in all but 5 % of 200 draws", async () => {
    let outside = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = SPECTRA[Object.keys(SPECTRA)[seed % 5]!]!(50, seed);
      const exact = dot(values, values);
      const found = await estimateSquaredNorm(knownOperator(50, 70, values, seed), { seed, sketch: 6, probes: 20 });
      expect(found.low).toBeLessThanOrEqual(found.value);
      expect(found.high).toBeGreaterThanOrEqual(found.value);
      if (exact < found.low - 1e-12 * exact || exact > found.high + 1e-12 * exact) outside++;
    }
    expect(outside).toBeLessThanOrEqual(20);
  });

  it("is exact when the sketch holds the whole range, and counts its products", async () => {
    const operator = knownOperator(60, 80, [5, 4, 3, 2, 1], 1);
    const found = await estimateSquaredNorm(operator, { sketch: 8 });
    expect(found.value).toBeCloseTo(55, 10);
    expect(found.high - found.low).toBeLessThan(1e-9);
    expect(found.products).toBe(operator.products());
  });

  it("is far narrower with triplets and their bound of the rest", async () => {
    const values = SPECTRA["power law"]!(300, 0);
    const operator = knownOperator(300, 310, values, 2);
    const leading = await leadingTriplets(operator, 10);
    const [alone, helped] = [await estimateSquaredNorm(operator), await estimateSquaredNorm(operator, { leading })];
    expect(helped.high - helped.low).toBeLessThan(0.3 * (alone.high - alone.low));
    expect(Math.abs(helped.value / dot(values, values) - 1)).toBeLessThan(0.02);
  });

  it("takes a sketch in place of its own directions: nothing of what it holds is estimated, and nothing is assumed of the rest", async () => {
    const values = SPECTRA["power law"]!(120, 0);
    const exact = dot(values, values);
    let outside = 0;
    for (let seed = 0; seed < 100; seed++) {
      const operator = knownOperator(120, 130, values, 2);
      const { values: found, left } = await sketchedTriplets(operator, 12, { directions: 30, seed });
      const before = operator.products();
      const total = await estimateSquaredNorm(operator, { leading: { rows: 120, values: found, left, certificates: new Float64Array(12), rest: null }, seed });
      expect(total.products).toBe(operator.products() - before);
      expect(total.value).toBeGreaterThanOrEqual(dot(found, found));
      expect(Math.abs(total.value / exact - 1)).toBeLessThan(0.2);
      if (exact < total.low || exact > total.high) outside++;
    }
    expect(outside).toBeLessThanOrEqual(10);
  });

  it("stops when it is aborted", async () => {
    await expect(estimateSquaredNorm(knownOperator(5, 5, [1], 1), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("tailMass", () => {
  it("never goes below zero, and carries the error of the total", () => {
    const triplets = { values: Float64Array.of(2, 1), certificates: Float64Array.of(0, 0) };
    expect(tailMass(triplets, knownSquaredNorm(4.9))).toEqual({ mass: 0, low: 0, high: 0 });
    const { mass, low, high } = tailMass(triplets, knownSquaredNorm(6, 0.5));
    expect([mass, low, high]).toEqual([1, 0.5, 1.5]);
  });
});
