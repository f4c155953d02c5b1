import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { spectralDensity, type SpectralDensity } from "../../../src/spectrum/density.ts";
import { dot } from "../linalg/support.ts";
import { denseOperator, knownOperator, SPECTRA } from "./operators.ts";

const spacingOf = ({ axis }: SpectralDensity): number => axis[1]! - axis[0]!;
const massOf = (density: SpectralDensity, curve: Float64Array = density.mean): number => curve.reduce((sum, x) => sum + x, 0) * spacingOf(density);

/**
 * The largest difference of the share of values up to λ, over the whole axis, between the density and the true values smoothed by the same
 * Gaussian.
 */
const distributionError = (density: SpectralDensity, values: readonly number[], width = 0.05): number => {
  let [below, truth, worst] = [density.belowFloor, values.filter((value) => value < density.floor).length, 0];
  const seen = values.filter((value) => value >= density.floor).map(Math.log10);
  density.axis.forEach((x, i) => {
    const spacing = spacingOf(density);
    below += density.mean[i]! * spacing;
    truth += seen.reduce((sum, at) => sum + Math.exp(-0.5 * ((x - at) / width) ** 2), 0) * (spacing / (width * Math.sqrt(2 * Math.PI)));
    worst = Math.max(worst, Math.abs(below - truth) / values.length);
  });
  return worst;
};

/** Singular values with the quantiles of Marchenko and Pastur's law for a Gaussian [rows, columns] matrix with variance 1/rows. */
const marchenkoPastur = (rows: number, columns: number): number[] => {
  const ratio = columns / rows;
  const [a, b] = [(1 - Math.sqrt(ratio)) ** 2, (1 + Math.sqrt(ratio)) ** 2];
  const grid = Array.from({ length: 20_000 }, (_, i) => a + ((b - a) * (i + 0.5)) / 20_000);
  const weights = grid.map((x) => Math.sqrt((b - x) * (x - a)) / x);
  const whole = weights.reduce((sum, w) => sum + w, 0);
  const values: number[] = [];
  let sum = 0;
  for (const [i, x] of grid.entries()) {
    sum += weights[i]! / whole;
    while (values.length + 0.5 < sum * columns) values.push(Math.sqrt(x));
  }
  return values;
};

describe("spectralDensity", () => {
  it("follows Marchenko and Pastur's law for a Gaussian matrix", async () => {
    const [rows, columns, seed] = [600, 150, 4];
    const operator = denseOperator(random(seed, "gaussian").normals(rows * columns).map((x) => x / Math.sqrt(rows)), rows, columns);
    const density = await spectralDensity(operator, { probes: 8, steps: 40, floor: 1e-2, width: 0.02 });
    expect(distributionError(density, marchenkoPastur(rows, columns), 0.02), `seed ${seed}`).toBeLessThan(0.04);
    expect(density.certainZeros).toBe(450);
  });

  it("follows the arcsine law of the one-dimensional difference operator, whose singular values are 2·sin(kπ/2(n + 1))", async () => {
    const n = 400;
    const values = Array.from({ length: n }, (_, k) => 2 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1)))).reverse();
    const density = await spectralDensity(knownOperator(n, n + 1, values, 2), { probes: 12, steps: 60, floor: 1e-4 });
    expect(distributionError(density, values)).toBeLessThan(0.03);
  });

  it.each(Object.keys(SPECTRA))("keeps all mass, and the first moment within four standard errors of ‖J‖_F²: %s", async (kind) => {
    const values = SPECTRA[kind]!(120, 1);
    const density = await spectralDensity(knownOperator(140, 120, values, 1), { probes: 16, steps: 30 });
    expect(massOf(density) + density.belowFloor).toBeCloseTo(120, 8);
    const { mean, standardError } = density.squares;
    expect(Math.abs(mean - dot(values, values))).toBeLessThan(4 * standardError + 1e-9);
  });

  it("joins the exact leading part: taken out of the bulk, together the whole", async () => {
    const values = [100, 50, 20, 10, ...Array.from({ length: 146 }, (_, s) => 1 - s / 200)];
    const operator = knownOperator(150, 170, values, 3);
    const leading = await leadingTriplets(operator, 4, { tolerance: 1e-9 });
    const density = await spectralDensity(operator, { leading, probes: 8, steps: 40 });
    expect(massOf(density, density.leading)).toBeCloseTo(4, 8);
    expect(massOf(density) + density.belowFloor).toBeCloseTo(146, 8);
    const above = density.axis.findIndex((x) => x > Math.log10(3));
    expect(Math.max(...density.mean.subarray(above))).toBe(0);
    expect(Math.max(...density.leading.subarray(0, above))).toBe(0);
    const bulk = values.slice(4);
    expect(Math.abs(density.squares.mean - dot(bulk, bulk))).toBeLessThan(4 * density.squares.standardError);
  });

  it("counts zero singular values below the floor, and sees isolated ones where they are", async () => {
    const values = [10, 3, 1, 0.1, ...new Array<number>(96).fill(0)];
    const density = await spectralDensity(knownOperator(100, 110, values, 5, true), { probes: 60, steps: 12, floor: 1e-5 });
    expect(Math.abs(density.belowFloor - 96)).toBeLessThan(1);
    for (const value of values.slice(0, 4)) {
      const near = density.axis.map((x, i) => (Math.abs(x - Math.log10(value)) < 0.2 ? density.mean[i]! : 0));
      expect(massOf(density, near)).toBeGreaterThan(0.5);
      expect(massOf(density, near)).toBeLessThan(1.5);
    }
  });

  it("narrows on the truth with more probes, and its band holds the mean", async () => {
    const values = SPECTRA["power law"]!(300, 0);
    const operator = knownOperator(300, 310, values, 6);
    const leading = await leadingTriplets(operator, 20, { tolerance: 1e-7 });
    const errors = await Promise.all([2, 32].map(async (probes) => {
      const density = await spectralDensity(operator, { leading, probes, steps: 60, seed: 3, floor: 1e-5 });
      density.mean.forEach((x, i) => {
        expect(density.low[i]).toBeLessThanOrEqual(density.high[i]!);
        if (probes === 32) expect(density.low[i]).toBeLessThanOrEqual(x + 1e-12);
      });
      return distributionError(density, values.slice(20));
    }));
    expect(errors[1]).toBeLessThan(errors[0]!);
    expect(errors[1]).toBeLessThan(0.02);
  });

  it("is exact in every probe once the steps fill the space, and takes everything being known", async () => {
    const values = [4, 2, 1];
    const operator = knownOperator(3, 5, values, 1);
    const all = await spectralDensity(operator, { probes: 3 });
    expect(massOf(all) + all.belowFloor).toBeCloseTo(3, 10);
    expect(all.steps).toBe(3);
    const leading = await leadingTriplets(operator, 3);
    const known = await spectralDensity(operator, { leading });
    expect(known).toMatchObject({ count: 0, probes: 0, products: 0 });
    expect(massOf(known, known.leading)).toBeCloseTo(3, 10);
  });

  it("stops when it is aborted", async () => {
    await expect(spectralDensity(knownOperator(20, 20, [1], 1), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
