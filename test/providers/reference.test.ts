import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { AnalysisResult } from "../../src/analysis/result.ts";
import { largestError, readArray, relativeError } from "../reference/arrays.ts";
import { CASES, type ReferenceCase } from "../reference/case.ts";
import { analyze, jacobianLens, scratch } from "../reference/command-line.ts";
import { PROMISED, PROVIDERS, reportOf } from "./usable.ts";

const folder = scratch();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Samples of the cases that a software GPU would take minutes for; their rows of the reference's Gram matrix are compared. */
const FEWER: Readonly<Record<string, number>> = { resnet20: 2 };

/** The first `size` rows and columns of a square matrix. */
const corner = (matrix: Float64Array, size: number): Float64Array => {
  const order = Math.sqrt(matrix.length);
  return Float64Array.from({ length: size * size }, (_, i) => matrix[Math.floor(i / size) * order + (i % size)] ?? NaN);
};

interface Compared {
  readonly result: AnalysisResult;
  /** ‖G − G_PyTorch‖_F/‖G_PyTorch‖_F */
  readonly gram: number;
  /** Largest |λ − λ_CPU|/λ₁. */
  readonly singular: number;
}

const compare = async (provider: string, { name, model, data, options, expected, samples, classes }: ReferenceCase): Promise<Compared> => {
  const count = Math.min(samples, FEWER[name] ?? samples);
  const file = path.join(folder, `${provider}-${name}.npy`);
  const args = [model, "--data", data, ...options, "--samples", String(count)];
  const result = await analyze(...args, "--provider", provider, "--gram", file);
  const cpu = await analyze(...args, "--provider", "cpu");
  return {
    result,
    gram: relativeError(await readArray(file), corner(await readArray(expected, "gram"), count * classes)),
    singular: largestError(result.singularValues, cpu.singularValues) / cpu.singularValues[0]!,
  };
};

const reports = await Promise.all(PROVIDERS.map(reportOf));
const usable = reports.filter((report) => report.usable);
const refused = reports.filter((report) => !report.usable);

describe.each(usable)("the reference cases on $provider", ({ provider, adapter }) => {
  const nodes: string[] = [];
  afterAll(() => { console.log(`nodes on ${provider}${adapter ? ` (${adapter.name})` : ""}\n${nodes.join("\n")}`); });

  it.each(CASES)("$name agrees with PyTorch and with the CPU within 1e-4, and says what ran where", { timeout: 600_000 }, async (test) => {
    const { result, gram, singular } = await compare(provider, test);
    const { runtime, checks } = result;
    nodes.push(`  ${test.name}: ${JSON.stringify(runtime.nodes)}, ${runtime.copies ?? 0} copies, fell back: ${String(runtime.fallback?.count)}, against the CPU ${checks.provider?.error.toExponential(1) ?? "?"}`);
    expect(gram).toBeLessThanOrEqual(1e-4);
    expect(singular).toBeLessThanOrEqual(1e-4);
    expect(checks.provider).toMatchObject({ passed: true });
    expect(checks.adjoint).toMatchObject({ passed: true });
    expect(runtime).toMatchObject({ provider, adapter, tf32: false, fallback: { count: 0, nodes: [] }, host: [expect.stringContaining("Gram matrix")] });
    expect(Object.keys(runtime.nodes ?? {})).toHaveLength(1);
  });

  it("nothing is left to the CPU where that is forbidden", { timeout: 120_000 }, async () => {
    const { model, data } = CASES.find(({ name }) => name === "cnn-folded")!;
    const { runtime } = await analyze(model, "--data", data, "--samples", "4", "--provider", provider, "--strict-provider");
    expect(runtime.fallback).toEqual({ count: 0, nodes: [] });
  });
});

// A provider that cannot be had here is named, with its reason: that it is refused, and never exchanged for another one, is what can be tested.
describe.each(refused.map((report) => ({ ...report, why: report.reason ?? "" })))("$provider is not run here: $why", ({ provider, reason, remedy }) => {
  it("was not promised to be usable", () => {
    expect([...PROMISED]).not.toContain(provider);
  });

  it("is an error when asked for by name, with the reason and what to do", async () => {
    const { model, data } = CASES[0]!;
    const { status, stderr, stdout } = await jacobianLens("analyze", model, "--data", data, "--provider", provider, "--quiet");
    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^error RUNTIME_PROVIDER: Provider ${provider} cannot be used: \\S`));
    expect(stderr).toMatch(/^hint: .*doctor/m);
    expect([reason, remedy].every((text) => (text ?? "") !== "")).toBe(true);
    console.log(`${provider} is not run here: ${reason ?? ""}`);
  });
});
