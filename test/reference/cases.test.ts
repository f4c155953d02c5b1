import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnalysisResult } from "../../src/analysis/result.ts";
import { largestError, readArray, readArrays, relativeError } from "./arrays.ts";
import { CASES } from "./case.ts";
import { analyze, scratch } from "./command-line.ts";

const folder = scratch();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Running sums of squared projections over their total. */
const cumulate = (energies: Float64Array): Float64Array => {
  const total = energies.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return energies.map((value) => (sum += value) / total);
};

/** Ranks r after which the gap λ_r − λ_{r+1} is larger than 1e-3·λ_1: elsewhere single directions are arbitrary. */
const separated = (sigma: Float64Array): readonly number[] =>
  Array.from(sigma.keys()).filter((s) => s + 1 < sigma.length && sigma[s]! - sigma[s + 1]! > 1e-3 * sigma[0]!);

describe.each(CASES)("the analysis of $name", ({ name, model, data, options, expected: file, parameters, samples, classes }) => {
  let result: AnalysisResult;
  let expected: ReadonlyMap<string, Float64Array>;
  const gram = path.join(folder, `${name}.npy`);
  const array = (key: string): Float64Array => expected.get(key) ?? new Float64Array(0);

  beforeAll(async () => {
    expected = await readArrays(file);
    result = await analyze(model, "--data", data, ...options, "--gram", gram);
  });

  it("takes the same parameters as PyTorch, none beside", () => {
    const sizes = (list: readonly { name: string; shape: readonly number[] }[]): readonly string[] => list.map((parameter) => `${parameter.name} ${parameter.shape.join("×")}`).sort();
    expect(sizes(result.parameters)).toEqual(sizes(parameters));
    expect(result.data).toMatchObject({ samples, outputs: classes });
  });

  it("gives the Gram matrix within 2e-5", async () => {
    expect(relativeError(await readArray(gram), array("gram"))).toBeLessThanOrEqual(2e-5);
  });

  it("gives the singular values within 1e-5·λ₁", () => {
    expect(largestError(result.singularValues, array("sigma"))).toBeLessThanOrEqual(1e-5 * array("sigma")[0]!);
  });

  it.each([["labels", "energy_y"], ["residual", "energy_r"]] as const)("gives the cumulative energies of the %s within 1e-3 wherever the spectrum has a gap", (which, key) => {
    const theirs = cumulate(array(key));
    const ours = result.energy[which]?.cumulative ?? [];
    const ranks = separated(array("sigma"));
    expect(ranks.length).toBeGreaterThan(10);
    expect(ours).toHaveLength(theirs.length);
    expect(largestError(ranks.map((s) => ours[s]!), ranks.map((s) => theirs[s]!))).toBeLessThanOrEqual(1e-3);
  });

  it("passes its own checks", () => {
    expect(result.checks.adjoint).toMatchObject({ passed: true });
    expect(result.checks.samplesIndependent).toMatchObject({ passed: true });
  });
});
