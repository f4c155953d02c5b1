import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { cumulativeShares } from "../../../src/theory/energy.ts";
import { permutedLabels, randomLabelBand } from "../../../src/theory/random-labels.ts";
import { drawSeed, randomProblem } from "./support.ts";

const seed = drawSeed("random labels");

describe("permuted labels", () => {
  const y = random(seed, "y").normals(30);

  it("move whole samples: the same blocks in another order", () => {
    const blocks = (z: Float64Array): string[] => Array.from({ length: 10 }, (_, i) => z.slice(3 * i, 3 * i + 3).join(" "));
    const permuted = permutedLabels(y, 3, seed);
    expect(permuted).toHaveLength(20);
    for (const z of permuted) {
      expect(blocks(z).sort()).toEqual(blocks(y).sort());
    }
  });

  it("are the same for the same seed, others for another, and each differs from the next", () => {
    expect(permutedLabels(y, 3, 7)).toEqual(permutedLabels(y, 3, 7));
    expect(permutedLabels(y, 3, 7)).not.toEqual(permutedLabels(y, 3, 8));
    const [first, second] = permutedLabels(y, 3, 7);
    expect(first).not.toEqual(second);
  });

  it("asked for more, begin with the same ones", () => {
    expect(permutedLabels(y, 3, seed, 25).slice(0, 20)).toEqual(permutedLabels(y, 3, seed));
  });

  it("permute single values where K = 1", () => {
    expect(permutedLabels(y, 1, seed, 1)[0]!.slice().sort()).toEqual(y.slice().sort());
  });
});

describe("the random band", () => {
  const problem = randomProblem(seed, 30, 60);
  const permuted = permutedLabels(random(seed, "y").normals(30), 3, seed, 21).map((z) => problem.project(z));
  const band = randomLabelBand(permuted, 30)!;

  it("holds the mean between its edges, and each edge never falls", () => {
    for (const curve of [band.mean, band.low, band.high]) {
      expect(curve).toHaveLength(30);
      curve.forEach((share, r) => expect(share).toBeGreaterThanOrEqual(r > 0 ? curve[r - 1]! : 0));
      expect(curve.at(-1)).toBeCloseTo(1, 12);
    }
    band.mean.forEach((share, r) => {
      expect(share).toBeGreaterThanOrEqual(band.low[r]! - 1e-12);
      expect(share).toBeLessThanOrEqual(band.high[r]! + 1e-12);
    });
  });

  it("has numpy's percentiles: of 21 values the second smallest and second largest", () => {
    const atFive = permuted.map((z) => cumulativeShares(z, 30)[4]!).sort((a, b) => a - b);
    expect(band.permutations).toBe(21);
    expect(band.low[4]).toBeCloseTo(atFive[1]!, 14);
    expect(band.high[4]).toBeCloseTo(atFive[19]!, 14);
    expect(band.mean[4]).toBeCloseTo(atFive.reduce((a, b) => a + b, 0) / 21, 14);
  });

  it("interpolates between values", () => {
    const one = (share: number): { vector: Float64Array; coefficients: Float64Array } => {
      const coefficients = Float64Array.of(Math.sqrt(share), Math.sqrt(1 - share));
      return { vector: coefficients, coefficients };
    };
    // numpy.percentile([0.1, 0.2, 0.4], [5, 95]) = [0.11, 0.38]
    const { low, high } = randomLabelBand([0.4, 0.1, 0.2].map(one), 2)!;
    expect(low[0]).toBeCloseTo(0.11, 14);
    expect(high[0]).toBeCloseTo(0.38, 14);
  });

  it("is null without permutations", () => {
    expect(randomLabelBand([], 30)).toBeNull();
  });
});
