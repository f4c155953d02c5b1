import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { splitAt } from "../../../src/core/split.ts";
import { energyOf } from "../../../src/theory/energy.ts";
import { figuresOf, fromSquares, reference } from "./reference.ts";
import { drawSeed, norm, randomProblem } from "./support.ts";

describe("energies against PyTorch and numpy", () => {
  it.each(["clean-0", "noisy50-20000"])("the shares of labels and residual at rank 50 are those of %s", (name) => {
    const sigma = reference(`${name}/sigma`);
    const figures = figuresOf(name);
    const labels = energyOf(sigma, fromSquares(reference(`${name}/energy_y`)), 50);
    const residual = energyOf(sigma, fromSquares(reference(`${name}/energy_r`)), 50);
    expect(labels.norm).toBeCloseTo(Math.sqrt(200), 10);
    expect(residual.norm).toBeCloseTo(figures.residual!, 10);
    expect(labels.information).toBeCloseTo(figures.info_y!, 10);
    expect(labels.nuisance).toBeCloseTo(figures.nuisance_y!, 10);
    expect(residual.information).toBeCloseTo(figures.info_r!, 10);
    expect(residual.nuisance).toBeCloseTo(figures.nuisance_r!, 10);
  });

  it.each(["cnn-batchnorm", "cnn-folded", "mlp-relu", "one-hidden", "resnet20", "transformer"])("cumulative power and pseudo-inverse of %s are numpy's", (name) => {
    const sigma = reference(`${name}/sigma`);
    for (const key of ["energy_y", "energy_r"]) {
      const squares = Array.from(reference(`${name}/${key}`));
      const total = squares.reduce((a, b) => a + b, 0);
      const rank = Math.min(100, sigma.length);
      const energy = energyOf(sigma, fromSquares(Float64Array.from(squares)), rank);
      const plain = squares.slice(0, rank).reduce((sum, square, s) => sum + square / sigma[s]! ** 2, 0);
      expect(energy.pseudoInverse).toBeCloseTo(Math.sqrt(plain / total), 9);
      let sum = 0;
      energy.cumulative.forEach((share, s) => {
        sum += squares[s]!;
        expect(Math.abs(share - sum / total)).toBeLessThan(1e-12);
      });
    }
  });
});

describe("energies of random vectors", () => {
  const seed = drawSeed("energies");

  it.each([[12, 30], [30, 12], [20, 20]])("agree with projections made by hand for J of %i × %i", (m, p) => {
    const problem = randomProblem(seed, m, p);
    const z = random(seed, "z").normals(m);
    for (const rank of [1, 5, Math.min(m, p)]) {
      const { information, nuisance, pseudoInverse } = energyOf(problem.singularValues, problem.project(z), rank);
      const inside = new Float64Array(m);
      let inverse = 0;
      for (let s = 0; s < rank; s++) {
        const u = problem.u.subarray(s * m, (s + 1) * m);
        const a = z.reduce((sum, value, i) => sum + value * u[i]!, 0);
        u.forEach((value, i) => (inside[i]! += a * value));
        inverse += (a / problem.singularValues[s]!) ** 2;
      }
      expect(information).toBeCloseTo(norm(inside) / norm(z), 10);
      expect(nuisance).toBeCloseTo(norm(z.map((value, i) => value - inside[i]!)) / norm(z), 10);
      expect(pseudoInverse).toBeCloseTo(Math.sqrt(inverse) / norm(z), 8);
      expect(information ** 2 + nuisance ** 2).toBeCloseTo(1, 12);
    }
  });

  it("count what the spectrum does not see as nuisance when only the first coefficients are known", () => {
    const problem = randomProblem(seed, 25, 10);
    const z = random(seed, "z").normals(25);
    const all = problem.project(z);
    const known = energyOf(problem.singularValues, all, 7);
    const partly = energyOf(problem.singularValues, { vector: z, coefficients: all.coefficients.slice(0, 10) }, 7);
    expect(partly.nuisance).toBeCloseTo(known.nuisance, 12);
    expect(partly.cumulative).toEqual(known.cumulative);
    expect(partly.cumulative.at(-1)).toBeLessThan(1);
  });

  it("give a curve that never falls, stays at or below 1 and ends at 1", () => {
    const source = random(seed, "curves");
    for (let round = 0; round < 20; round++) {
      const coefficients = source.normals(500).map((a, s) => a * Math.exp(-s / 10));
      const { cumulative } = energyOf(new Float64Array(500).fill(1), { vector: coefficients, coefficients }, 10);
      cumulative.forEach((share, s) => {
        expect(share).toBeGreaterThanOrEqual(s > 0 ? cumulative[s - 1]! : 0);
        expect(share).toBeLessThanOrEqual(1);
      });
      expect(cumulative.at(-1)).toBeCloseTo(1, 14);
    }
  });

  it("are what the panel computes from the cumulative shares while the cut-off is dragged", () => {
    const problem = randomProblem(seed, 18, 40);
    const z = problem.project(random(seed, "z").normals(18));
    for (let rank = 1; rank < 18; rank++) {
      const energy = energyOf(problem.singularValues, z, rank);
      const dragged = splitAt(Array.from(problem.singularValues), energy.cumulative, rank);
      expect(dragged.information).toBeCloseTo(energy.information, 12);
      expect(dragged.nuisance).toBeCloseTo(energy.nuisance, 7);
      expect(dragged.pseudoInverse).toBeCloseTo(energy.pseudoInverse, 8);
    }
  });
});

describe("energies at the edges", () => {
  it("of a zero vector are zeros, never NaN", () => {
    const zero = new Float64Array(6);
    expect(energyOf(Float64Array.of(3, 2, 1), { vector: zero, coefficients: zero }, 2))
      .toEqual({ norm: 0, information: 0, nuisance: 0, pseudoInverse: 0, cumulative: [0, 0, 0], errors: null, perClass: null });
  });

  it("leave directions with λ = 0 out of the pseudo-inverse", () => {
    const z = Float64Array.of(1, 1, 1);
    expect(energyOf(Float64Array.of(2, 1, 0), { vector: z, coefficients: z }, 3).pseudoInverse).toBeCloseTo(Math.sqrt(1.25 / 3), 14);
  });

  it("keep the digits of a nuisance part that is nearly nothing", () => {
    const z = Float64Array.of(1, 1, 1e-12);
    expect(energyOf(Float64Array.of(3, 2, 1), { vector: z, coefficients: z }, 2).nuisance).toBeCloseTo(1e-12 / Math.SQRT2, 20);
  });

  it("keep ten thousand small shares beside a large one", () => {
    const coefficients = new Float64Array(10_001).fill(1e-9).fill(1, 0, 1);
    const total = 1 + 1e-14;
    const { cumulative } = energyOf(new Float64Array(10_001).fill(1), { vector: coefficients, coefficients }, 1);
    expect(Math.abs(cumulative[0]! - 1 / total)).toBeLessThan(2e-16);
    expect(cumulative.at(-1)).toBe(1);
  });

  it("refuse fewer coefficients than singular values", () => {
    expect(() => energyOf(Float64Array.of(2, 1), { vector: Float64Array.of(1, 1), coefficients: Float64Array.of(1) }, 1)).toThrow(RangeError);
  });
});
