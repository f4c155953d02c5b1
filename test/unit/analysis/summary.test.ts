import { describe, expect, it } from "vitest";
import { LensError } from "../../../src/core/errors.ts";
import { random } from "../../../src/core/random.ts";
import { chooseCutoff } from "../../../src/theory/cutoff.ts";
import { summarise } from "../../../src/analysis/summary/summarise.ts";
import { vectorsToCarry } from "../../../src/analysis/summary/vectors.ts";
import { reference } from "../theory/reference.ts";
import { leftSingular, onto } from "../theory/small-linalg.ts";
import { drawSeed, problemOf, spectrumOf } from "../theory/support.ts";
import type { Summary } from "../../../src/analysis/summary/summarise.ts";
import type { CutoffRule } from "../../../src/analysis/request.ts";
import type { Labels } from "../../../src/data/dataset.ts";
import type { Loss } from "../../../src/theory/learning-rate.ts";

const classLabels = (values: readonly number[]): Labels => ({ kind: "classes", values: Int32Array.from(values), name: "y", dtype: "int64", shape: [values.length] });
const targetLabels = (values: Float64Array | readonly number[], shape: readonly number[]): Labels => ({ kind: "targets", values: Float64Array.from(values), name: "y", dtype: "float32", shape });

interface Given {
  readonly u: Float64Array;
  readonly sigma: Float64Array;
  readonly predictions: Float64Array;
  readonly labels: Labels | null;
  readonly samples: number;
  readonly rule?: CutoffRule;
  readonly loss?: Loss;
  readonly floor?: number;
}

/** The way through the pipeline, with an eigen-analysis that shares no code with it. */
const run = ({ u, sigma, rule, floor = 0, ...given }: Given): Summary => {
  const observed = { loss: "l2" as Loss, seed: 3, ...given };
  const carried = vectorsToCarry(observed);
  const spectrum = spectrumOf(sigma, { floor });
  const rows = given.predictions.length;
  const cutoff = chooseCutoff(rule, spectrum, rows / given.samples);
  const leading = { rows, count: cutoff.rank, values: u.slice(0, rows * cutoff.rank) };
  return summarise({ ...observed, spectrum, cutoff, carried, coefficients: carried.map(({ values }) => onto(u, values)), leading });
};

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof LensError) return error.code;
    throw error;
  }
  return "none";
};

describe("the summary of ResNet-20's reference Gram matrix", () => {
  const labels = classLabels(Array.from(reference("resnet20/y")));
  const { values: sigma, vectors: u } = leftSingular(reference("resnet20/gram"), 120);
  const expectedSigma = reference("resnet20/sigma");
  const summary = run({ u, sigma, predictions: reference("resnet20/f"), labels, samples: 12, rule: { kind: "rank", value: 40 } });

  it("has PyTorch's cumulative energies wherever the gap defines them", () => {
    for (const [energy, key] of [[summary.energy.labels!, "energy_y"], [summary.energy.residual!, "energy_r"]] as const) {
      const squares = reference(`resnet20/${key}`);
      const total = squares.reduce((a, b) => a + b, 0);
      let sum = 0;
      let compared = 0;
      squares.forEach((square, s) => {
        sum += square;
        if (expectedSigma[s]! - (expectedSigma[s + 1] ?? 0) <= 1e-3 * expectedSigma[0]!) return;
        compared++;
        expect(Math.abs(energy.cumulative[s]! - sum / total)).toBeLessThan(1e-4);
      });
      expect(compared).toBeGreaterThan(10);
      expect(energy.norm).toBeCloseTo(Math.sqrt(total), 6);
    }
  });

  it("is consistent in itself", () => {
    const { labels: y, residual: r, randomLabels } = summary.energy;
    for (const energy of [y!, r!]) expect(energy.information ** 2 + energy.nuisance ** 2).toBeCloseTo(1, 10);
    expect(summary.samples.nuisance!.reduce((a, b) => a + b, 0)).toBeCloseTo((y!.nuisance * y!.norm) ** 2, 8);
    expect(summary.samples.leverage!.reduce((a, b) => a + b, 0)).toBeCloseTo(40, 8);
    expect(y!.perClass!.reduce((count, { samples }) => count + samples, 0)).toBe(12);
    expect(randomLabels).toMatchObject({ permutations: 20 });
    expect(randomLabels!.mean).toHaveLength(120);
    expect(summary.fit!.loss).toBeCloseTo(r!.norm ** 2 / 2, 8);
    expect(summary.learningRate.sharpness).toBeCloseTo(sigma[0]! ** 2, 6);
    expect(summary.warnings).toEqual([]);
  });

  it("is plain JSON without a hole: nothing undefined, NaN or infinite", () => {
    const { warnings, ...parts } = summary;
    expect(JSON.parse(JSON.stringify(parts))).toEqual(parts);
    expect(warnings).toEqual([]);
  });

  it("is the same again for the same seed", () => {
    expect(run({ u, sigma, predictions: reference("resnet20/f"), labels, samples: 12, rule: { kind: "rank", value: 40 } })).toEqual(summary);
  });
});

describe("summaries at the edges", () => {
  const seed = drawSeed("summary");
  const source = random(seed, "summary");
  const problem = problemOf(source.normals(12 * 20), 12, 20);
  const given = { u: problem.u, sigma: problem.singularValues, predictions: source.normals(12), samples: 4 };

  it("without labels there are no vectors to carry, and leverage and learning rates remain", () => {
    const { energy, samples, fit, learningRate } = run({ ...given, labels: null });
    expect(energy).toEqual({ labels: null, residual: null, randomLabels: null, angles: null });
    expect(samples.nuisance).toBeNull();
    expect(samples.leverage).toHaveLength(4);
    expect(fit).toBeNull();
    expect(learningRate.theory).toBeCloseTo(1 / problem.singularValues[0]! ** 2, 14);
  });

  it("regression with one output has energies and a loss, and neither classes nor accuracy", () => {
    const { energy, fit, cutoff, samples } = run({ ...given, samples: 12, labels: targetLabels(source.normals(12), [12, 1]) });
    expect(cutoff).toMatchObject({ rank: 1, rule: "rank K² = 1" });
    expect(energy.labels!.perClass).toBeNull();
    expect(fit).toMatchObject({ accuracy: null, error: null, margin: null });
    expect(fit!.loss).toBeCloseTo(energy.residual!.norm ** 2 / 2, 12);
    expect(samples.nuisance).toHaveLength(12);
    expect(energy.randomLabels!.mean.at(-1)).toBeCloseTo(1, 12);
  });

  it("one-hot targets are classes", () => {
    const oneHot = targetLabels([1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0], [4, 3]);
    expect(run({ ...given, labels: oneHot })).toEqual(run({ ...given, labels: classLabels([0, 2, 1, 0]) }));
    expect(run({ ...given, labels: targetLabels([1, 0, 0, 0, 0.5, 0.5, 0, 1, 0, 1, 0, 0], [4, 3]) }).fit!.accuracy).toBeNull();
    expect(run({ ...given, labels: targetLabels([1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0], [4, 3]) }).fit!.accuracy).toBeNull();
  });

  it("a residual that is exactly zero has zero shares and no NaN", () => {
    const { energy, fit } = run({ ...given, labels: targetLabels(given.predictions, [4, 3]) });
    expect(energy.residual).toMatchObject({ norm: 0, information: 0, nuisance: 0, pseudoInverse: 0 });
    expect(energy.residual!.cumulative.every((share) => share === 0)).toBe(true);
    expect(fit!.loss).toBe(0);
  });

  it("the residual of cross-entropy is softmax less labels", () => {
    const { energy } = run({ ...given, labels: classLabels([0, 1, 2, 0]), loss: "cross-entropy" });
    let total = 0;
    [0, 1, 2, 0].forEach((label, i) => {
      const exps = Array.from(given.predictions.subarray(3 * i, 3 * i + 3), Math.exp);
      const sum = exps.reduce((a, b) => a + b, 0);
      exps.forEach((value, k) => (total += (value / sum - (k === label ? 1 : 0)) ** 2));
    });
    expect(energy.residual!.norm).toBeCloseTo(Math.sqrt(total), 12);
  });

  it("warns when the asked rank reaches below the rounding floor", () => {
    const { warnings } = run({ ...given, labels: null, floor: problem.singularValues[5]!, rule: { kind: "rank", value: 8 } });
    expect(warnings.map(({ code }) => code)).toEqual(["CUTOFF_BELOW_FLOOR"]);
    expect(warnings[0]!.message).toContain("only 5 singular values");
  });

  it.each<[string, Labels, string]>([
    ["a label above K − 1", classLabels([0, 1, 3, 0]), "LABEL_RANGE"],
    ["a negative label", classLabels([0, -1, 2, 0]), "LABEL_RANGE"],
    ["too few labels", classLabels([0, 1]), "LABEL_COUNT"],
    ["targets of another width", targetLabels(new Float64Array(8), [4, 2]), "LABEL_COUNT"],
  ])("refuses %s", (_, labels, code) => {
    expect(codeOf(() => vectorsToCarry({ predictions: given.predictions, labels, samples: 4, loss: "l2", seed: 0 }))).toBe(code);
  });
});
