import { beforeAll, describe, expect, it } from "vitest";
import { analyseDigits, differences, type Row } from "../../scripts/support/digits.mjs";
import { largestError, readArray } from "./arrays.ts";
import { analyze, inRepository } from "./command-line.ts";

describe("the example's runs", () => {
  let rows: readonly Row[];
  beforeAll(async () => {
    rows = await analyseDigits();
  });

  it("first and last checkpoint of both runs are analysed at rank 50 on all 200 samples", () => {
    expect(rows.map(({ run, step, samples, rank }) => [run, step, samples, rank])).toEqual([
      ["clean", 0, 200, 50], ["clean", 20000, 200, 50], ["noisy50", 0, 200, 50], ["noisy50", 20000, 200, 50],
    ]);
  });

  it("all figures equal those of PyTorch and numpy to three decimals", () => {
    expect(rows.flatMap(differences)).toEqual([]);
  });

  it("the whole spectrum of a trained checkpoint on test data agrees with numpy's within 1e-5·λ₁", async () => {
    const at = (file: string): string => inRepository("examples/digits/noisy50", file);
    const { singularValues } = await analyze(at("step_02000.onnx"), "--data", at("test.npz"), "--rank", "50");
    const expected = await readArray(at("expected.npz"), "step_02000_test_sigma");
    expect(largestError(singularValues, expected)).toBeLessThanOrEqual(1e-5 * expected[0]!);
  });
});
