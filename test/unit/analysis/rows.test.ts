import { describe, expect, it } from "vitest";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { scratch } from "./model-files.ts";
import { bounds, expectedOf, largestDifference, reference, run } from "./support.ts";
import { blocked, writtenTo } from "./written-models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const folder = scratch();

/** Biases only: fewer parameters than rows. */
const FEW = { parameters: ["*.bias"], cutoff: { kind: "rank", value: 12 } } as const;

const shares = ({ energy }: AnalysisResult): number[] => [energy.labels!, energy.residual!].flatMap((e) => [e.information, e.nuisance, e.pseudoInverse]);

const both = async (request: AnalysisRequest): Promise<readonly [AnalysisResult, AnalysisResult]> => [await run({ ...request, method: "rows" }), await run({ ...request, method: "gram" })];

const agree = ([rows, gram]: readonly [AnalysisResult, AnalysisResult]): void => {
  expect(rows.method).toMatchObject({ name: "rows", exact: true });
  expect(rows.singularValues).toHaveLength(gram.singularValues.length);
  const above = gram.singularValues.filter((value) => value > gram.floor).length;
  for (let s = 0; s < above; s++) expect(Math.abs(rows.singularValues[s]! - gram.singularValues[s]!)).toBeLessThanOrEqual(bounds(rows)[s]! + bounds(gram)[s]!);
  expect(largestDifference(shares(rows), shares(gram))).toBeLessThan(1e-5 * Math.max(...shares(gram)));
  expect(largestDifference(rows.energy.labels!.cumulative.slice(0, rows.cutoff.rank), gram.energy.labels!.cumulative)).toBeLessThan(1e-5);
  expect(largestDifference(rows.samples.leverage!, gram.samples.leverage!)).toBeLessThan(1e-4);
  expect(largestDifference(rows.layers!.map((l) => l.share), gram.layers!.map((l) => l.share))).toBeLessThan(1e-6);
  expect(rows.frobenius / gram.frobenius).toBeCloseTo(1, 6);
  expect(rows.checks.adjoint?.passed).toBe(true);
};

describe(`--method rows (seed ${SEED})`, () => {
  it("gives what the Gram matrix gives, from JᵀJ where there are fewer parameters than rows", async () => {
    agree(await both(reference("mlp-relu", FEW)));
  });

  it("gives it for the Gauss–Newton form of cross-entropy too", async () => {
    agree(await both(reference("mlp-relu", { ...FEW, loss: "cross-entropy" })));
  });

  it("gives it from JJᵀ where there are more", async () => {
    agree(await both(reference("cnn-batchnorm", { cutoff: { kind: "rank", value: 16 } })));
  });

  it("gives float64 autograd's singular values in double precision", async () => {
    const found = await run(reference("one-hidden", { method: "rows", parameters: ["W"], precision: "double" }));
    const sigma = await expectedOf("one-hidden", "sigma");
    const above = found.singularValues.filter((value) => value > found.floor);
    expect(largestDifference(above, sigma)).toBeLessThan(1e-9 * sigma[0]!);
  });

  it("is what auto takes where there are fewer parameters than rows", async () => {
    const found = await run(reference("mlp-relu", FEW));
    expect(found.method.name).toBe("rows");
    expect(found.singularValues.length).toBeLessThan(found.data.samples * found.data.outputs);
  });

  it("leaves what of the labels lies outside the range of J to the nuisance space", async () => {
    const found = await run(reference("mlp-relu", { parameters: ["4.bias"], method: "rows", cutoff: { kind: "rank", value: 10 } }));
    const { information, nuisance } = found.energy.labels!;
    // The last layer's bias reaches the mean of the labels only.
    expect(found.singularValues).toHaveLength(10);
    expect(information ** 2 + nuisance ** 2).toBeCloseTo(1, 10);
    const y = found.energy.labels!.norm;
    expect(y ** 2).toBeCloseTo(found.data.samples, 6);
    expect(nuisance).toBeGreaterThan(0.5);
  });

  it("takes the columns of parameters without a rule by differences, beside the others", async () => {
    const request = writtenTo(folder, SEED, "blocked", blocked(SEED), 12, [5]);
    const [rows, gram] = await both(request);
    expect(rows.method).toMatchObject({ name: "rows", exact: false });
    expect(rows.model.warnings.map((w) => w.code)).toContain("FINITE_DIFFERENCES");
    expect(largestDifference(rows.singularValues, gram.singularValues)).toBeLessThan(1e-6 * gram.singularValues[0]!);
  });

  it("refuses to write JJᵀ, and to hold more than is allowed, and says what instead", async () => {
    await expect(run(reference("mlp-relu", { ...FEW, method: "rows", gram: true }))).rejects.toMatchObject({ code: "JACOBIAN_METHOD", hint: expect.stringContaining("--method gram") as unknown });
    await expect(run(reference("mlp-relu", { method: "rows", memory: 2 ** 26 }))).rejects.toMatchObject({ code: "MEMORY" });
  });
});
