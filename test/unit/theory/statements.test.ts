import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { chooseCutoff } from "../../../src/theory/cutoff.ts";
import { linearisedMovement, linearisedResidual } from "../../../src/theory/dynamics.ts";
import { earlyStoppingStatement } from "../../../src/theory/statements/early-stopping.ts";
import { inverseForm, kernelComplexity } from "../../../src/theory/statements/kernel-complexity.ts";
import { simplifiedBound } from "../../../src/theory/statements/simplified-bound.ts";
import { gramOf } from "./small-linalg.ts";
import { drawSeed, norm, randomProblem, spectrumOf } from "./support.ts";

const seed = drawSeed("statements");
const problem = randomProblem(seed, 15, 9);
const spectrum = spectrumOf(problem.singularValues, { floor: 0.1 });
const cutoff = chooseCutoff({ kind: "rank", value: 4 }, spectrum, 3);
const z = problem.project(random(seed, "z").normals(15));

/** x with (G + μI)x = b, by Gaussian elimination (G symmetric positive semidefinite, μ > 0: no pivoting needed). */
const solve = (gram: Float64Array, mu: number, b: Float64Array): Float64Array => {
  const n = b.length;
  const a = gram.slice();
  const x = b.slice();
  for (let i = 0; i < n; i++) a[i * n + i]! += mu;
  for (let c = 0; c < n; c++) {
    for (let r = c + 1; r < n; r++) {
      const factor = a[r * n + c]! / a[c * n + c]!;
      for (let k = c; k < n; k++) a[r * n + k]! -= factor * a[c * n + k]!;
      x[r]! -= factor * x[c]!;
    }
  }
  for (let r = n - 1; r >= 0; r--) {
    for (let c = r + 1; c < n; c++) x[r]! -= a[r * n + c]! * x[c]!;
    x[r]! /= a[r * n + r]!;
  }
  return x;
};

describe("statements of the theory", () => {
  it("early stopping bounds the movement and the residual of the linear model at T", () => {
    for (const gamma of [1, 2, 5]) {
      const { value, terms, hypotheses } = earlyStoppingStatement(spectrum, cutoff, z, gamma);
      const { learningRate, steps, residualLeft } = terms;
      expect(norm(linearisedMovement(problem.singularValues, z.coefficients, learningRate!, steps!))).toBeLessThanOrEqual(value!);
      expect(norm(linearisedResidual(problem.singularValues, z.coefficients, learningRate!, steps!))).toBeLessThanOrEqual(residualLeft!);
      expect(value).toBeLessThanOrEqual(terms.bracket!);
      expect(hypotheses[0]).toMatchObject({ state: "met" });
    }
    expect(earlyStoppingStatement(spectrum, cutoff, z, 0.5).hypotheses[0]).toMatchObject({ left: 1, right: 0.5, state: "not met" });
  });

  it("the simplified bound has the three terms with the raw cut-off of J, and says when it is vacuous", () => {
    const y = { vector: Float64Array.of(1, 0, 0, 1), coefficients: Float64Array.of(1, 0, 0, 1) };
    const values = spectrumOf([40, 20, 10, 5]);
    const bound = simplifiedBound(values, chooseCutoff({ kind: "rank", value: 2 }, values, 2), y, 2, 3);
    // ‖Π_N y‖ = 1, n = 2; Γ/α = 3/20; e^{−3}
    expect(bound.terms.bias).toBeCloseTo(1 / Math.SQRT2, 14);
    expect(bound.terms.variance).toBeCloseTo(0.15, 14);
    expect(bound.terms.optimisation).toBeCloseTo(Math.exp(-3), 14);
    expect(bound.value).toBeCloseTo(1 / Math.SQRT2 + 0.15 + Math.exp(-3), 14);
    expect(bound.vacuous).toBe(false);
    const small = spectrumOf([4, 2, 1, 0.5]);
    expect(simplifiedBound(small, chooseCutoff({ kind: "rank", value: 2 }, small, 2), y, 2, 3).vacuous).toBe(true);
  });

  it("kernel complexity is √(2 yᵀ(G + μI)⁻¹y/n), solved as a linear system", () => {
    const mu = 0.01;
    const x = solve(gramOf(problem.j, 15, 9), mu, z.vector);
    const form = x.reduce((sum, value, i) => sum + value * z.vector[i]!, 0);
    expect(inverseForm(problem.singularValues, z, mu) / form).toBeCloseTo(1, 8);
    expect(kernelComplexity(spectrum, z, [], 5)!.value).toBeCloseTo(Math.sqrt((2 * form) / 5), 6);
    const partly = { vector: z.vector, coefficients: z.coefficients.slice(0, 9) };
    expect(inverseForm(problem.singularValues, partly, mu) / form).toBeCloseTo(1, 8);
  });

  it("kernel complexity stands beside that of permuted labels, and is left out where it cannot be known", () => {
    const other = problem.project(random(seed, "other").normals(15));
    const { terms } = kernelComplexity(spectrum, z, [other, other], 5)!;
    expect(terms.permutedLabels).toBeCloseTo(kernelComplexity(spectrum, other, [], 5)!.value!, 10);
    expect(terms.mu).toBeCloseTo(0.01, 15);
    expect(kernelComplexity({ ...spectrum, complete: false }, z, [], 5)).toBeNull();
    expect(kernelComplexity({ ...spectrum, floor: 0 }, z, [], 5)).toBeNull();
  });
});
