import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { chooseCutoff } from "../../../src/theory/cutoff.ts";
import { energyOf } from "../../../src/theory/energy.ts";
import { nuisancePerSample } from "../../../src/theory/leading.ts";
import { drawSeed, problemOf, spectrumOf } from "./support.ts";
import type { Problem } from "./support.ts";

const [CLASSES, CLUSTERS, PER_CLUSTER, INPUTS, HIDDEN] = [3, 2, 4, 7, 24];

/** A Gaussian mixture without noise: every sample stands on its cluster's unit centre. J of x ↦ V·tanh(Wx) with respect to W, V = ±1/√(kK). */
const mixture = (seed: number): { problem: Problem; labels: Int32Array } => {
  const source = random(seed, "mixture");
  const centres = Array.from({ length: CLASSES * CLUSTERS }, () => {
    const centre = source.normals(INPUTS);
    return centre.map((value) => value / Math.hypot(...centre));
  });
  const w = source.normals(HIDDEN * INPUTS);
  const v = source.normals(CLASSES * HIDDEN).map((value) => Math.sign(value) / Math.sqrt(HIDDEN * CLASSES));
  const samples = CLASSES * CLUSTERS * PER_CLUSTER;
  const p = HIDDEN * INPUTS;
  const j = new Float64Array(samples * CLASSES * p);
  const labels = Int32Array.from({ length: samples }, (_, i) => Math.floor(i / (CLUSTERS * PER_CLUSTER)));
  for (let i = 0; i < samples; i++) {
    const x = centres[Math.floor(i / PER_CLUSTER)]!;
    for (let h = 0; h < HIDDEN; h++) {
      const slope = 1 - Math.tanh(x.reduce((sum, value, d) => sum + value * w[h * INPUTS + d]!, 0)) ** 2;
      for (let k = 0; k < CLASSES; k++) {
        x.forEach((value, d) => (j[(i * CLASSES + k) * p + h * INPUTS + d] = v[k * HIDDEN + h]! * slope * value));
      }
    }
  }
  return { problem: problemOf(j, samples * CLASSES, p), labels };
};

describe("a Gaussian mixture without noise (Oymak et al. 2019, Thm A.1)", () => {
  const seed = drawSeed("mixture");
  const { problem, labels } = mixture(seed);
  const bound = CLASSES * CLASSES * CLUSTERS;
  const spectrum = spectrumOf(problem.singularValues, { floor: 1e-6 * problem.singularValues[0]! });
  const y = new Float64Array(problem.m);
  labels.forEach((label, i) => (y[i * CLASSES + label] = 1));

  it("has a Jacobian of rank at most K²C, found by the largest gap", () => {
    const { rank } = chooseCutoff({ kind: "gap" }, spectrum, CLASSES);
    expect(rank).toBeLessThanOrEqual(bound);
    expect(problem.singularValues[bound]! / problem.singularValues[0]!).toBeLessThan(1e-6);
  });

  it("holds the labels in its information space exactly", () => {
    const rank = Math.min(bound, spectrum.singularValues.filter((value) => value > spectrum.floor).length);
    const { information, nuisance } = energyOf(spectrum.singularValues, problem.project(y), rank);
    expect(nuisance).toBeLessThan(1e-6);
    expect(information).toBeCloseTo(1, 12);
    for (const share of nuisancePerSample(problem.leading(rank), y, CLASSES)) expect(share).toBeLessThan(1e-12);
  });

  it("shows one wrong label as the sample that the information space cannot fit", () => {
    const wrong = y.slice();
    wrong.set([0, 1, 0], 0);
    const shares = nuisancePerSample(problem.leading(bound), wrong, CLASSES);
    expect(shares.indexOf(Math.max(...shares))).toBe(0);
  });
});
