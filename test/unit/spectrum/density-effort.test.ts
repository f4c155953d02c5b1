import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { spectralDensity, type SpectralDensity } from "../../../src/spectrum/density.ts";
import { effortOf, LEAST_PRODUCTS, MOST_PRODUCTS } from "../../../src/spectrum/density-effort.ts";
import { smooth } from "../../../src/spectrum/smoothing.ts";
import { knownOperator, SPECTRA } from "./operators.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const WIDTH = 0.1;

/** The true density on the axis of a found one, all of whose values lie above the floor or are counted below it. */
const truthOf = ({ axis, floor }: SpectralDensity, values: readonly number[]): Float64Array => {
  const seen = Float64Array.from(values);
  return smooth(axis, seen, seen.map(() => 1), seen.map(() => 0), floor, WIDTH);
};

const spacingOf = ({ axis }: SpectralDensity): number => axis[1]! - axis[0]!;

/** The largest difference of the share of values up to a place. */
const shareError = (density: SpectralDensity, values: readonly number[]): number => {
  let [found, truth, worst] = [density.belowFloor, values.filter((value) => value < density.floor).length, 0];
  truthOf(density, values).forEach((value, i) => {
    found += density.mean[i]! * spacingOf(density);
    truth += value * spacingOf(density);
    worst = Math.max(worst, Math.abs(found - truth) / values.length);
  });
  return worst;
};

/** ∫ (high − low), as a share of the values. */
const areaOf = (density: SpectralDensity): number => density.high.reduce((sum, high, i) => sum + high - density.low[i]!, 0) * spacingOf(density) / density.count;

/** n values spread over some decades below 1, evenly on the logarithmic axis. */
const spread = (n: number, decades: number): number[] => Array.from({ length: n }, (_, s) => 10 ** ((-decades * s) / n));

describe(`the effort of a density (seed ${SEED})`, () => {
  it("is four vectors and as many steps as the products hold, half of them where that leaves 60 steps; what is given is taken exactly", () => {
    expect(effortOf(5000, {})).toMatchObject({ together: 4, least: 4, most: 16, steps: MOST_PRODUCTS / 16, stops: true });
    expect(effortOf(5000, { maxProducts: 480 })).toMatchObject({ least: 4, steps: 60 });
    expect(effortOf(5000, { maxProducts: 1 })).toMatchObject({ least: 4, steps: LEAST_PRODUCTS / 8 });
    expect(effortOf(50, {})).toMatchObject({ steps: 50 });
    expect(effortOf(5000, { probes: 16, steps: 60 })).toMatchObject({ together: 8, least: 16, most: 16, steps: 60, stops: false });
    expect(effortOf(5000, { probes: 4, maxProducts: 400 })).toMatchObject({ least: 4, most: 4, steps: 50, stops: true });
  });

  it("ends where the second half of the steps changes nothing: few products for values within a factor of four", async () => {
    const values = Array.from(random(SEED, "bulk").normals(600), (x) => 0.3 * 2 ** Math.max(-1, Math.min(1, x / 2))).sort((a, b) => b - a);
    const operator = knownOperator(600, 700, values, SEED);
    const density = await spectralDensity(operator, { width: WIDTH, seed: SEED });
    expect(density.steps).toBeLessThan(45);
    expect(density.products).toBeLessThan(MOST_PRODUCTS / 2);
    expect(density.products).toBe(operator.products());
    expect(density.products).toBe(2 * density.probes * density.steps);
    expect(shareError(density, values)).toBeLessThan(0.05);
  });

  it("goes on where values are spread over decades, and comes nearer to them than many vectors of few steps", async () => {
    const values = spread(900, 4);
    const [own, many] = [await spectralDensity(knownOperator(900, 950, values, SEED), { seed: SEED, width: WIDTH, floor: 1e-5 }), await spectralDensity(knownOperator(900, 950, values, SEED), { seed: SEED, probes: 16, steps: 60, width: WIDTH, floor: 1e-5 })];
    expect(own.steps).toBeGreaterThan(80);
    expect(own.products).toBeLessThanOrEqual(many.products);
    expect(shareError(own, values)).toBeLessThan(0.75 * shareError(many, values));
  });

  it("takes no more products than are allowed but for the least, whatever the spectrum, and always gives a band", async () => {
    for (const kind of Object.keys(SPECTRA)) for (const maxProducts of [0, 100, 300, 700, 1500]) {
      const operator = knownOperator(90, 120, SPECTRA[kind]!(90, 1), SEED);
      const density = await spectralDensity(operator, { maxProducts, seed: SEED, floor: 1e-6 });
      expect(density.products, `${kind}, ${maxProducts}`).toBe(operator.products());
      expect(density.products, `${kind}, ${maxProducts}`).toBeLessThanOrEqual(Math.max(LEAST_PRODUCTS, maxProducts));
      expect(density.probes).toBeGreaterThanOrEqual(4);
      expect(areaOf(density), `${kind}, ${maxProducts}`).toBeGreaterThan(0);
    }
  });

  it("takes more vectors where there are few values, which scatter more", async () => {
    const narrow = (n: number): number[] => Array.from({ length: n }, (_, s) => 1 - s / (2 * n));
    const [few, many] = await Promise.all([60, 4000].map((n) => spectralDensity(knownOperator(n, n, narrow(n), SEED), { seed: SEED })));
    expect(few!.probes).toBeGreaterThan(4);
    expect(many!.probes).toBe(4);
  });

  it("the fewer products, the wider the band, which holds the true density all the same: 4 matrices of each of 5 kinds", async () => {
    for (const kind of Object.keys(SPECTRA)) {
      const areas: number[] = [];
      for (const maxProducts of [LEAST_PRODUCTS, MOST_PRODUCTS]) {
        let [inside, points, area] = [0, 0, 0];
        for (let seed = 0; seed < 4; seed++) {
          const n = 60 + (seed % 7);
          const values = SPECTRA[kind]!(n, seed);
          const density = await spectralDensity(knownOperator(n + 5, n, values, seed), { maxProducts, floor: 1e-6, width: WIDTH, seed });
          truthOf(density, values).forEach((value, i) => {
            if (value < 1e-2) return;
            points++;
            if (value >= density.low[i]! - 1e-9 && value <= density.high[i]! + 1e-9) inside++;
          });
          area += areaOf(density) / 4;
        }
        areas.push(area);
        // Values over nine decades, of which twenty steps tell a few apart, are the hardest (measured: 0.78 to 0.99, then 0.95 to 1).
        expect(inside / points, `${kind}, ${maxProducts} products`).toBeGreaterThan(maxProducts === MOST_PRODUCTS ? 0.93 : 0.7);
      }
      expect(areas[0], kind).toBeGreaterThan(areas[1]!);
    }
  });
});
