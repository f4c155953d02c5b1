import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { earlyStopping, linearisedMovement, linearisedResidual, predictedShares, stoppingTime, timesToFit } from "../../../src/theory/dynamics.ts";
import { drawSeed, norm, randomProblem } from "./support.ts";
import { onto } from "./small-linalg.ts";
import type { Problem } from "./support.ts";

const seed = drawSeed("linearised training");

/** Gradient descent on ½‖Jθ + r_0‖² from θ = 0, step by step. */
const descend = ({ j, m, p }: Problem, r0: Float64Array, learningRate: number, steps: number): { r: Float64Array; theta: Float64Array } => {
  const theta = new Float64Array(p);
  let r = r0.slice();
  for (let step = 0; step < steps; step++) {
    for (let c = 0; c < p; c++) {
      let gradient = 0;
      for (let i = 0; i < m; i++) gradient += j[i * p + c]! * r[i]!;
      theta[c]! -= learningRate * gradient;
    }
    r = r0.map((value, i) => theta.reduce((sum, t, c) => sum + j[i * p + c]! * t, value));
  }
  return { r, theta };
};

describe("linearised training", () => {
  it.each([[12, 20, 0.9], [20, 12, 0.5], [10, 10, 1.9]])("residual and movement of J %i × %i follow gradient descent step by step (η = %f/λ₁²)", (m, p, part) => {
    const problem = randomProblem(seed, m, p);
    const { singularValues } = problem;
    const r0 = random(seed, "r").normals(m);
    const learningRate = part / singularValues[0]! ** 2;
    const projected = problem.project(r0);
    const rank = 4;
    for (const steps of [0, 1, 7, 60]) {
      const { r, theta } = descend(problem, r0, learningRate, steps);
      const later = linearisedResidual(singularValues, projected.coefficients, learningRate, steps);
      onto(problem.u, r).forEach((a, s) => expect(later[s]).toBeCloseTo(a, 8));
      expect(norm(linearisedMovement(singularValues, projected.coefficients, learningRate, steps))).toBeCloseTo(norm(theta), 7);
      const shares = predictedShares(singularValues, projected, rank, learningRate, steps);
      const total = norm(r0) ** 2;
      expect(shares.information).toBeCloseTo(norm(onto(problem.u, r).subarray(0, rank)) ** 2 / total, 8);
      expect(shares.nuisance).toBeCloseTo(norm(onto(problem.u, r).subarray(rank)) ** 2 / total, 8);
    }
  });

  it("predicts the same shares when the null space of Jᵀ was not resolved", () => {
    const problem = randomProblem(seed, 20, 8);
    const all = problem.project(random(seed, "r").normals(20));
    const partly = { vector: all.vector, coefficients: all.coefficients.slice(0, 8) };
    const learningRate = 1 / problem.singularValues[0]! ** 2;
    const known = predictedShares(problem.singularValues, all, 3, learningRate, 10);
    expect(predictedShares(problem.singularValues, partly, 3, learningRate, 10).nuisance).toBeCloseTo(known.nuisance, 12);
  });

  it("keeps the digits of modes too slow to be seen in one step", () => {
    const [residual] = linearisedResidual(Float64Array.of(1e-9), Float64Array.of(1), 1, 1e18);
    const [movement] = linearisedMovement(Float64Array.of(1e-9), Float64Array.of(1), 1, 1e3);
    expect(residual).toBeCloseTo(Math.exp(-1), 12);
    expect(movement! / -1e-6).toBeCloseTo(1, 12);
  });

  it("a mode with λ = 0 neither shrinks nor moves", () => {
    expect(linearisedResidual(Float64Array.of(0), Float64Array.of(2, 3), 1, 50)).toEqual(Float64Array.of(2, 3));
    expect(linearisedMovement(Float64Array.of(0), Float64Array.of(2, 3), 1, 50)).toEqual(Float64Array.of(0));
  });

  it("takes broken step numbers up to η = 1/λ², whatever the last digit of ηλ², and refuses them beyond", () => {
    const source = random(seed, "rounding");
    for (let round = 0; round < 500; round++) {
      const value = 10 ** (4 * source.uniform() - 2);
      const learningRate = 1 / value ** 2;
      expect(linearisedResidual(Float64Array.of(value), Float64Array.of(1), learningRate, 2.5)[0]).toBe(0);
      expect(linearisedResidual(Float64Array.of(value), Float64Array.of(1), learningRate, 0)[0]).toBe(1);
      expect(linearisedMovement(Float64Array.of(value), Float64Array.of(1), learningRate, 2.5)[0]! * value).toBeCloseTo(-1, 12);
    }
    expect(() => linearisedResidual(Float64Array.of(1), Float64Array.of(1), 1.5, 2.5)).toThrow(RangeError);
  });

  it("grows from 2/λ₁² on", () => {
    const residual = (learningRate: number): number => Math.abs(linearisedResidual(Float64Array.of(2), Float64Array.of(1), learningRate, 100)[0]!);
    expect(residual(0.499)).toBeLessThan(1);
    expect(residual(0.501)).toBeGreaterThan(1);
  });
});

describe("early stopping", () => {
  it("the time to fit a mode shrinks it by e^−Γ and, at α, is T", () => {
    const learningRate = 1e-6;
    const [time] = timesToFit(Float64Array.of(3), 2, learningRate);
    expect(linearisedResidual(Float64Array.of(3), Float64Array.of(1), learningRate, time!)[0]).toBeCloseTo(Math.exp(-2), 5);
    expect(stoppingTime(2, learningRate, 3)).toBe(time);
  });

  it("D bounds the movement up to T, and the printed bracket bounds D", () => {
    const source = random(seed, "early stopping");
    for (let round = 0; round < 60; round++) {
      const problem = randomProblem(seed + round, 8 + source.integer(6), 8 + source.integer(6));
      const { singularValues } = problem;
      const r0 = problem.project(source.normals(problem.m));
      const rank = 1 + source.integer(singularValues.length);
      const above = singularValues[rank] ?? 0;
      const alpha = above + (singularValues[rank - 1]! - above) * (0.05 + 0.95 * source.uniform());
      const gamma = 1 + 3 * source.uniform();
      const { distance, bracket, value, information, nuisance } = earlyStopping(singularValues, r0, rank, alpha, gamma);
      const learningRate = (0.05 + 0.95 * source.uniform()) / singularValues[0]! ** 2;
      const moved = norm(linearisedMovement(singularValues, r0.coefficients, learningRate, stoppingTime(gamma, learningRate, alpha)));
      expect(moved).toBeLessThanOrEqual(distance * (1 + 1e-12));
      expect(distance).toBeLessThanOrEqual(bracket * (1 + 1e-12));
      expect(value).toBeCloseTo(alpha * distance, 12);
      expect(Math.hypot(information, nuisance)).toBeCloseTo(distance, 12);
    }
  });

  it("D is what matrices give: ‖J_I†r‖ and (Γ/α²)‖JᵀΠ_N r‖", () => {
    const problem = randomProblem(seed, 10, 15);
    const r0 = random(seed, "r").normals(10);
    const rank = 4;
    const gamma = 2;
    const alpha = problem.singularValues[rank - 1]!;
    const { information, nuisance } = earlyStopping(problem.singularValues, problem.project(r0), rank, alpha, gamma);
    const rest = r0.slice();
    const a = onto(problem.u, r0);
    for (let s = 0; s < rank; s++) problem.u.subarray(s * 10, (s + 1) * 10).forEach((u, i) => (rest[i]! -= a[s]! * u));
    const pulled = Float64Array.from({ length: 15 }, (_, c) => rest.reduce((sum, value, i) => sum + problem.j[i * 15 + c]! * value, 0));
    expect(nuisance).toBeCloseTo((gamma / alpha ** 2) * norm(pulled), 10);
    expect(information).toBeCloseTo(Math.hypot(...Array.from({ length: rank }, (_, s) => a[s]! / problem.singularValues[s]!)), 10);
  });
});
