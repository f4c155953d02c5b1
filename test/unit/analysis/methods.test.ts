import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/pipeline.ts";
import { product } from "../../../src/analysis/product.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { silent } from "../../../src/core/progress.ts";
import { random } from "../../../src/core/random.ts";
import { float32, sizeOf, type Tensor, toFloat64 } from "../../../src/core/tensor.ts";
import { openDataFile } from "../../../src/data/open.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { mixing, ModelMaker } from "../jacobian/models.ts";
import { scratch } from "./model-files.ts";
import { blocked, writtenTo } from "./written-models.ts";

const CASES = fileURLToPath(new URL("../../fixtures/reference/", import.meta.url));
const SEED = Math.floor(Math.random() * 2 ** 31);
const folder = scratch();
const written = (name: string, model: Model, samples: number, shape: readonly number[]): AnalysisRequest => writtenTo(folder, SEED, name, model, samples, shape);

const run = async (request: AnalysisRequest): Promise<AnalysisResult> => (await analyse(request, { progress: silent })).result;

const reference = (name: string, rest: Partial<AnalysisRequest> = {}): AnalysisRequest => ({ model: path.join(CASES, name, "model.onnx"), data: path.join(CASES, name, "data.npz"), ...rest });

const expectedSigma = async (name: string): Promise<Float64Array> => {
  const file = await openDataFile(path.join(CASES, name, "expected.npz"));
  const sigma = file.arrays.find((a) => a.name === "sigma")!;
  const values = toFloat64(await sigma.read(0, sigma.shape[0]!));
  await file.close();
  return values;
};

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from({ length: Math.min(a.length, b.length) }, (_, i) => Math.abs(a[i]! - b[i]!)));

/** An operator that ONNX Runtime has in float32 only, and that nothing stands in for. */
const determinant = (): Model => {
  const m = new ModelMaker(SEED, [2, 2]);
  const scaled = m.call("Mul", ["x", m.weight("scale", [2, 2])]);
  const det = m.call("Unsqueeze", [m.call("Det", [scaled]), m.ints("last", [1])]);
  return m.finish(m.call("MatMul", [det, m.weight("head", [1, 3])]));
};

/** Row numbers of the batch in the model itself: the entry of every row where x is largest is exchanged by ScatterND at [row, argmax]. */
const rowNumbers = (): Model => {
  const m = new ModelMaker(SEED, [4]);
  const ints = (name: string, value: number): string => m.scalar(name, value);
  const count = m.call("Gather", [m.call("Shape", ["x"]), ints("first", 0)], { axis: 0 });
  const rows = m.call("Unsqueeze", [m.call("Range", [ints("from", 0), count, ints("step", 1)]), m.ints("last", [1])]);
  const places = m.call("Concat", [rows, m.call("ArgMax", ["x"], { axis: 1, keepdims: 1 })], { axis: 1 });
  const base = m.call("MatMul", ["x", m.weight("v", [4, 4])]);
  const updates = m.call("Squeeze", [m.call("Tanh", [m.call("MatMul", ["x", m.weight("w", [4, 1])])]), m.ints("axis", [1])]);
  return m.finish(m.call("Tanh", [m.call("ScatterND", [base, places, updates])]));
};

describe(`methods of analysis (seed ${SEED})`, () => {
  // The transformer was exported with √8 and √2 as float32 constants, which its float64 autograd did not have.
  it.each([["mlp-relu", 1e-9], ["cnn-batchnorm", 1e-9], ["cnn-folded", 1e-9], ["one-hidden", 1e-9], ["transformer", 1e-8]] as const)("double precision gives float64 autograd's singular values of %s within %d·λ₁ of those above the floor", async (name, tolerance) => {
    const options = name === "one-hidden" ? { parameters: ["W"] } : {};
    const result = await run(reference(name, { precision: "double", ...options }));
    const sigma = await expectedSigma(name);
    const above = result.singularValues.filter((value) => value > result.floor);
    expect(largestDifference(above, sigma)).toBeLessThan(tolerance * sigma[0]!);
    expect(result.checks.adjoint!.error).toBeLessThan(1e-12);
    expect(result.floor).toBeLessThan(1e-7 * sigma[0]!);
  });

  it("double precision says which kernel is missing", async () => {
    await expect(run({ ...written("determinant", determinant(), 5, [2, 2]), precision: "double" })).rejects.toMatchObject({ code: "JACOBIAN_PRECISION", message: expect.stringContaining("Det") as unknown });
  });

  it("krylov agrees with the Gram matrix within its certificates, energies included", async () => {
    const cutoff = { kind: "rank", value: 20 } as const;
    const [exact, leading] = [await run(reference("mlp-relu", { cutoff })), await run(reference("mlp-relu", { cutoff, method: "krylov" }))];
    leading.singularValues.forEach((value, s) => { expect(Math.abs(value - exact.singularValues[s]!)).toBeLessThanOrEqual((leading.errors as number[])[s]! + (exact.errors as number[])[s]!); });
    expect(leading.energy.labels!.information).toBeCloseTo(exact.energy.labels!.information, 4);
    expect(leading.frobenius / exact.frobenius).toBeCloseTo(1, 1);
    expect(leading.density).not.toBeNull();
    expect([leading.method.name, leading.method.exact, exact.method.exact]).toEqual(["krylov", false, true]);
  });

  it("krylov and Gram agree on the Gauss–Newton form of cross-entropy", async () => {
    const common = { loss: "cross-entropy", cutoff: { kind: "rank", value: 10 } } as const;
    const [exact, leading] = [await run(reference("mlp-relu", common)), await run(reference("mlp-relu", { ...common, method: "krylov" }))];
    expect(largestDifference(leading.singularValues.slice(0, 10), exact.singularValues)).toBeLessThan(2e-4 * exact.singularValues[0]!);
  });

  it("finite differences give the same spectrum for a small group of parameters", async () => {
    const parameters = ["*.bias"];
    const [exact, difference] = [await run(reference("mlp-relu", { parameters })), await run(reference("mlp-relu", { parameters, method: "finite-difference" }))];
    expect(difference.method).toMatchObject({ name: "finite-difference", exact: false });
    expect(difference.model.warnings.map((w) => w.code)).toContain("FINITE_DIFFERENCES");
    expect(largestDifference(difference.singularValues, exact.singularValues)).toBeLessThan(1e-5 * exact.singularValues[0]!);
  });

  it("finite differences of too many entries are refused with the number", async () => {
    await expect(run(reference("resnet20", { method: "finite-difference" }))).rejects.toMatchObject({ code: "JACOBIAN_METHOD" });
  });

  it("parameters before an operator without a rule are taken by differences, the others exactly, and it is said", async () => {
    const request = written("blocked", blocked(SEED), 6, [5]);
    const [mixed, all] = [await run(request), await run({ ...request, method: "finite-difference" })];
    const warning = mixed.model.warnings.find((w) => w.code === "FINITE_DIFFERENCES");
    expect(warning?.message).toMatch(/"before".*ai\.onnx\.ml\.Normalizer at node "node2"/);
    expect(mixed.method).toMatchObject({ name: "gram", exact: false });
    expect(mixed.checks.adjoint?.passed).toBe(true);
    expect(largestDifference(mixed.singularValues, all.singularValues)).toBeLessThan(5e-3 * all.singularValues[0]!);
  });

  it("J·v by differences agrees with the exact product", async () => {
    const draws = random(SEED, "direction");
    const shapes: Readonly<Record<string, readonly number[]>> = { "0.weight": [48, 64], "0.bias": [48], "2.weight": [32, 48], "2.bias": [32], "4.weight": [10, 32], "4.bias": [10] };
    const direction: Record<string, Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) direction[name] = float32(shape, Float32Array.from(draws.normals(sizeOf(shape))));
    const products = await Promise.all((["auto", "finite-difference"] as const).map((method) => product({ ...reference("mlp-relu", { method }), direction }, { progress: silent })));
    const [a, b] = products.map((p) => (p.kind === "jvp" ? p.value : new Float64Array(0)));
    expect(largestDifference(a!, b!)).toBeLessThan(2e-3 * Math.max(...a!.map(Math.abs)));
  });

  it("a model that numbers the rows of its batch is computed one cotangent at a time, and right", async () => {
    const request = written("rows", rowNumbers(), 9, [4]);
    const [exact, leading] = [await run(request), await run({ ...request, method: "krylov" })];
    expect(exact.checks.adjoint?.passed).toBe(true);
    expect(largestDifference(leading.singularValues.slice(0, 3), exact.singularValues)).toBeLessThan(2e-4 * exact.singularValues[0]!);
  });

  it("samples that mix are refused with the node that mixes them", async () => {
    await expect(run(written("mixing", mixing(SEED), 8, [4]))).rejects.toMatchObject({ code: "JACOBIAN_MIXED", message: expect.stringContaining(`node "node0" (ReduceMean)`) as unknown });
  });

  it.each([{ kind: "alpha", value: 2 }, { kind: "relative", value: 0.3 }, { kind: "energy", value: 0.5 }, { kind: "gap" }] as const)("the cut-off $kind carries per-class and per-sample figures too", async (cutoff) => {
    const result = await run(reference("mlp-relu", { cutoff }));
    expect(result.samples.leverage!.reduce((a, b) => a + b, 0)).toBeCloseTo(result.cutoff.rank, 6);
    expect(result.energy.labels!.perClass!.length).toBeGreaterThan(0);
  });
});
