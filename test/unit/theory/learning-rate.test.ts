import { describe, expect, it } from "vitest";
import { CONVENTIONS, learningRates } from "../../../src/theory/learning-rate.ts";
import { residualOf } from "../../../src/theory/fit.ts";
import { random } from "../../../src/core/random.ts";
import { figuresOf } from "./reference.ts";
import { drawSeed } from "./support.ts";
import type { Loss } from "../../../src/theory/learning-rate.ts";

/** Each convention's loss as a framework computes it. */
const LOSSES: Readonly<Record<Loss, Readonly<Record<string, (f: Float64Array, y: Float64Array, n: number, k: number) => number>>>> = {
  l2: {
    meanOfSquares: (f, y, n, k) => squares(f, y) / (n * k),
    sumOfSquares: (f, y) => squares(f, y),
    halfMeanOverSamples: (f, y, n) => squares(f, y) / (2 * n),
    halfSum: (f, y) => squares(f, y) / 2,
  },
  "cross-entropy": {
    meanOverSamples: (f, y, n, k) => crossEntropy(f, y, k) / n,
    sum: (f, y, _, k) => crossEntropy(f, y, k),
  },
};
const squares = (f: Float64Array, y: Float64Array): number => f.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0);
const crossEntropy = (f: Float64Array, y: Float64Array, k: number): number => {
  let loss = 0;
  for (let i = 0; i < f.length; i += k) {
    const row = f.subarray(i, i + k);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    row.forEach((value, j) => (loss -= y[i + j]! * (value - logSum)));
  }
  return loss;
};

describe("learning rates", () => {
  it("are 1/λ₁² and 2/λ₁²", () => {
    expect(learningRates(4, "l2", 10, 3)).toMatchObject({ sharpness: 16, theory: 1 / 16, divergence: 1 / 8 });
  });

  it("of the reference run give the η it was trained with", () => {
    const { lr, eta, samples, outputs } = figuresOf("learning rate");
    const { inUsersUnits } = learningRates(figuresOf("clean-0").sigma1!, "l2", samples!, outputs!, lr);
    expect(inUsersUnits!["halfMeanOverSamples.eta"]).toBeCloseTo(eta!, 15);
    expect(inUsersUnits!["halfMeanOverSamples.ofDivergence"]).toBeLessThan(1);
  });

  it("say nothing of the user's rate when it is not told", () => {
    expect(Object.keys(learningRates(4, "l2", 10, 3).inUsersUnits!).filter((key) => /eta|ofDivergence/.test(key))).toEqual([]);
  });

  it.each(Object.entries(LOSSES).flatMap(([loss, table]) => Object.keys(table).map((name) => [loss as Loss, name] as const)))(
    "%s %s: a step lr on the framework's loss is a step η on the theory's",
    (loss, convention) => {
      const seed = drawSeed(`${loss} ${convention}`);
      const [n, k] = [5, 3];
      const f = random(seed, "f").normals(n * k);
      const y = new Float64Array(n * k);
      for (let i = 0; i < n; i++) y[i * k + (i % k)] = 1;
      const r = residualOf(f, y, loss, k);
      const framework = LOSSES[loss][convention]!;
      for (let i = 0; i < f.length; i++) {
        const h = 1e-5;
        const up = framework(f.with(i, f[i]! + h), y, n, k);
        const down = framework(f.with(i, f[i]! - h), y, n, k);
        // lr·∂L_user/∂f = η·r for lr = η·factor.
        expect((CONVENTIONS[loss][convention]!(n, k) * (up - down)) / (2 * h)).toBeCloseTo(r[i]!, 7);
      }
    },
  );

  it("know the same conventions as this test", () => {
    for (const loss of ["l2", "cross-entropy"] as const) expect(Object.keys(CONVENTIONS[loss])).toEqual(Object.keys(LOSSES[loss]));
  });
});
