import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { sketchedTriplets, sketchedValues } from "../../../src/spectrum/sketch.ts";
import { dot, furthest } from "../linalg/support.ts";
import { knownOperator, SPECTRA } from "./operators.ts";

const squares = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x * x, 0);

describe("a sketch with Jᵀ", () => {
  it.each([[90, 140], [140, 90]])("finds the leading values and vectors of a [%i, %i] Jacobian whose spectrum falls", async (rows, columns) => {
    const values = SPECTRA.exponential!(90, 0);
    const operator = knownOperator(rows, columns, values, 5);
    const found = await sketchedTriplets(operator, 8, { directions: 26 });
    expect(furthest(found.values, values.slice(0, 8))).toBeLessThan(1e-4);
    for (let s = 0; s < 8; s++) expect(Math.abs(dot(found.left.subarray(s * rows, (s + 1) * rows), operator.left(s)))).toBeGreaterThan(0.999);
    expect(found.products).toBe(operator.products());
  });

  it("is never above the singular values, and its certificates hold, on 200 random matrices", async () => {
    for (const kind of Object.keys(SPECTRA)) for (let seed = 0; seed < 40; seed++) {
      const values = SPECTRA[kind]!(50 + (seed % 7), seed);
      const operator = knownOperator(50 + (seed % 7), 70 + seed, values, seed);
      const { values: found, certificates } = await sketchedTriplets(operator, 9, { directions: 20, seed, block: 1 + (seed % 9) });
      found.forEach((value, s) => {
        expect(value, `${kind}, seed ${seed}, value ${s}`).toBeLessThanOrEqual(values[s]! + 1e-12 * values[0]!);
        expect(Math.min(...values.map((exact) => Math.abs(exact - value))), `${kind}, seed ${seed}, value ${s}`).toBeLessThanOrEqual(certificates![s]! + 1e-12 * values[0]!);
      });
    }
  });

  it("comes nearer with each pass through J·Jᵀ", async () => {
    const values = SPECTRA["power law"]!(90, 0).map(Math.sqrt);
    const misses = [0, 1, 2].map(async (powers) => {
      const operator = knownOperator(90, 140, values, 5);
      const found = await sketchedTriplets(operator, 8, { directions: 26, powers });
      expect(found.products).toBe(operator.products());
      return furthest(found.values, values.slice(0, 8));
    });
    const [none = 0, one = 0, two = 0] = await Promise.all(misses);
    expect(one).toBeLessThan(none / 3);
    expect(two).toBeLessThan(one / 3);
  });

  it("is exact where there are as many directions as rows", async () => {
    const values = SPECTRA.clusters!(30, 1);
    const found = await sketchedTriplets(knownOperator(30, 44, values, 2), 30, { directions: 30 });
    expect(furthest(found.values, values)).toBeLessThan(1e-12 * values[0]!);
    expect(Math.max(...found.certificates!)).toBeLessThan(1e-11 * values[0]!);
  });

  it("is too small where the spectrum is flat, within what its certificates show", async () => {
    const values = [9, ...new Array<number>(79).fill(1)];
    const { values: found, certificates } = await sketchedTriplets(knownOperator(80, 400, values, 3), 10, { directions: 20 });
    expect(9 - found[0]!).toBeGreaterThan(0.05);
    expect(9 - found[0]!).toBeLessThan(certificates![0]!);
  });
});

describe("a sketch without Jᵀ", () => {
  it("finds the leading values to its statistical scatter, and widens the bulk", async () => {
    const directions = 100;
    const values = [20, 12, 8, ...new Array<number>(197).fill(0.3)];
    const ratios: number[] = [];
    let bulk = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { values: found, certificates } = await sketchedValues(knownOperator(200, 900, values, seed), 12, { directions, seed });
      expect(certificates).toBeNull();
      for (let s = 0; s < 3; s++) ratios.push(found[s]! / values[s]! - 1);
      bulk += found[5]! / 0.3 / 40;
    }
    const scatter = Math.sqrt(squares(ratios) / ratios.length);
    expect(scatter * Math.sqrt(2 * directions)).toBeGreaterThan(0.7);
    expect(scatter * Math.sqrt(2 * directions)).toBeLessThan(1.5);
    expect(bulk).toBeGreaterThan(1.5);
  });

  it("sees J itself where there are as many directions as columns", async () => {
    const values = [5, 3, 2, 1, 0.1];
    const found = await sketchedValues(knownOperator(40, 5, values, 1), 5, { directions: 50 });
    expect(furthest(found.values, values)).toBeLessThan(1e-12);
    expect(found.squaredNorm).toMatchObject({ standardError: 0 });
    expect(found.squaredNorm.value).toBeCloseTo(squares(values), 10);
  });

  it("estimates the Frobenius norm with a standard error that holds", async () => {
    const values = SPECTRA["power law"]!(60, 0);
    let outside = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { squaredNorm, values: found } = await sketchedValues(knownOperator(60, 80, values, 1), 3, { directions: 40, seed });
      expect(squaredNorm.value).toBeGreaterThan(squares(found));
      if (Math.abs(squaredNorm.value - squares(values)) > 3 * squaredNorm.standardError) outside++;
    }
    expect(outside).toBeLessThan(14);
  });

  it("is the same for the same seed, reports progress and stops when it is aborted", async () => {
    const operator = knownOperator(60, 80, SPECTRA.exponential!(60, 0), random(3, "seed").integer(100));
    const run = (seed: number) => sketchedValues(operator, 5, { directions: 20, seed });
    expect(await run(1)).toEqual(await run(1));
    const stop = new AbortController();
    const seen: string[] = [];
    const options = { directions: 30, signal: stop.signal, progress: (_: number, label: string) => { seen.push(label); stop.abort(); } };
    await expect(sketchedTriplets(operator, 5, options)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(seen[0]).toBe("random direction 8/30");
  });
});
