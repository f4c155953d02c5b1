import { expect, it } from "vitest";
import { spectralDensity } from "../../../src/spectrum/density.ts";
import { smooth } from "../../../src/spectrum/smoothing.ts";
import { dot } from "../linalg/support.ts";
import { knownOperator, SPECTRA } from "./operators.ts";

const WIDTH = 0.1;

/** P(|mean − 1| > 3 standard errors) of sixteen χ² draws, by 400,000 draws of numpy. */
const P_BEYOND = 0.062;

it.each(Object.keys(SPECTRA))("the band of the density holds the true density, and its first moment ‖J‖_F², on 40 of 200 random matrices with known spectra: %s", async (kind) => {
  let [inside, points, moments] = [0, 0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const n = 18 + (seed % 7);
    const values = SPECTRA[kind]!(n, seed);
    // As many steps as singular values: each probe then shows them all, with its own weights.
    const density = await spectralDensity(knownOperator(n + 5, n, values, seed), { block: 16, steps: n, floor: 1e-6, width: WIDTH, seed });
    const seen = Float64Array.from(values);
    const truth = smooth(density.axis, seen, seen.map(() => 1), seen.map(() => 0), density.floor, WIDTH);
    truth.forEach((value, i) => {
      if (value < 1e-6) return;
      points++;
      if (value >= density.low[i]! - 1e-9 && value <= density.high[i]! + 1e-9) inside++;
    });
    const { mean, standardError } = density.squares;
    if (Math.abs(mean - dot(values, values)) > 3 * standardError + 1e-9) moments++;
  }
  // Quantiles of 5 and 95 % of the sixteen probes hold their mean almost always.
  expect(inside / points).toBeGreaterThan(0.98);
  // One value that dominates makes a probe's moment χ² with one degree of freedom, the most skew there is: sixteen of them are beyond three of
  // their own standard errors with this probability. The mean and 3.5 standard deviations of a binomial count.
  expect(moments).toBeLessThanOrEqual(40 * P_BEYOND + 3.5 * Math.sqrt(40 * P_BEYOND));
});
