import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/pipeline.ts";
import { product } from "../../../src/analysis/product.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { LensError } from "../../../src/core/errors.ts";
import { silent } from "../../../src/core/progress.ts";
import type { Runtime } from "../../../src/runtime/session.ts";
import { fakeDevice, fakeFirst, type Mischief } from "./fake-device.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/reference/mlp-relu/", import.meta.url));

const mlp = (rest: Partial<AnalysisRequest> = {}): AnalysisRequest => ({ model: path.join(FOLDER, "model.onnx"), data: path.join(FOLDER, "data.npz"), samples: 16, ...rest });

const run = async (request: AnalysisRequest, device: () => Runtime): Promise<AnalysisResult> => (await analyse(request, { progress: silent, runtimes: fakeFirst(device) })).result;

const onCpu = async (request: AnalysisRequest): Promise<AnalysisResult> => (await analyse(request, { progress: silent })).result;

/** Every float of one result, the first of its graph, by a part of itself. */
const disturbed = (by: number): Mischief => (results) => {
  const [name = ""] = Object.keys(results);
  const tensor = results[name];
  if (tensor?.dtype !== "float32") return results;
  return { ...results, [name]: { ...tensor, data: tensor.data.map((value) => value * (1 + by)) } };
};

describe("a provider's numbers are held against the CPU's before they are used", () => {
  it("rounding passes, and the difference is in the result", async () => {
    const result = await run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", disturbed(1e-6)));
    expect(result.checks.provider).toMatchObject({ tolerance: 1e-4, passed: true });
    expect(result.checks.provider!.error).toBeGreaterThan(1e-7);
    expect(result.checks.provider!.error).toBeLessThan(3e-6);
  });

  it.each([["a thousandth", disturbed(1e-3), /1\.0e-3/], ["NaN", disturbed(NaN), /not numbers/]] as const)("a kernel that is off by %s is refused with both numbers", async (_, mischief, said) => {
    const attempt = run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", mischief));
    await expect(attempt).rejects.toMatchObject({ code: "RUNTIME_DIFFERS", message: expect.stringMatching(said) as string });
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining("1.0e-4 is allowed") as string });
  });

  it("a kernel that is wrong in the backward graph only is refused too", async () => {
    const backward: Mischief = (results, feeds) => (Object.keys(feeds).some((name) => name.includes("cotangent-of-product")) ? disturbed(0.01)(results, feeds, 0) : results);
    await expect(run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", backward))).rejects.toMatchObject({ code: "RUNTIME_DIFFERS", message: expect.stringContaining("Jᵀ·u") as string });
  });

  it("a product is checked in the same way", async () => {
    const request = { ...mlp({ provider: "webgpu" }), cotangent: new Float64Array(160).fill(1) };
    await expect(product(request, { progress: silent, runtimes: fakeFirst(() => fakeDevice("webgpu", disturbed(1e-3))) })).rejects.toMatchObject({ code: "RUNTIME_DIFFERS" });
  });

  it("a per-sample graph that is wrong where the checked graphs are right fails the check of the Gram matrix", async () => {
    // The second stage of the factors takes a cotangent of its own name and gives gradients of every sample.
    const factors: Mischief = (results, feeds) => (Object.keys(feeds).some((name) => name.endsWith("cotangent")) ? disturbed(0.01)(results, feeds, 0) : results);
    const { checks } = await run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", factors));
    expect(checks.provider).toMatchObject({ passed: true });
    expect(checks.adjoint).toMatchObject({ passed: false });
  });

  it("auto goes on with the next provider and says why", async () => {
    const result = await run(mlp(), () => fakeDevice("webgpu", disturbed(1e-3)));
    expect(result.runtime).toMatchObject({ provider: "cpu", refused: [{ provider: "webgpu", reason: expect.stringContaining("differ by 1.0e-3") as string }] });
    expect(result.checks.provider).toBeNull();
    expect(result.singularValues).toEqual((await onCpu(mlp())).singularValues);
  });

  it("a model that no provider runs fails with the last provider's error", async () => {
    await expect(run(mlp({ model: path.join(FOLDER, "absent.onnx") }), () => fakeDevice("webgpu", disturbed(0)))).rejects.toMatchObject({ code: "MODEL_MISSING" });
  });
});

/** A device with room for `most` rows of any value that it is fed. */
const small = (most: number): Mischief => (results, feeds) => {
  const rows = feeds.x?.shape[0] ?? feeds.input?.shape[0] ?? 0;
  if (rows > most) throw new LensError("RUNTIME_MEMORY", `ONNX Runtime ran out of memory: Failed to allocate memory for requested buffer of size ${rows}`, "Take a smaller batch.");
  return results;
};

describe("out of the device's memory", () => {
  it("half the batch is tried, again and again, and the result is the same", async () => {
    const result = await run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", small(4)));
    expect(result.request.batch).toBe(4);
    expect(result.model.warnings.filter(({ code }) => code === "BATCH_HALVED").map(({ message }) => /with (\d+) samples/.exec(message)?.[1])).toEqual(["16", "8"]);
    const { singularValues } = await onCpu(mlp());
    const worst = Math.max(...singularValues.map((value, i) => Math.abs(value - result.singularValues[i]!)));
    expect(worst).toBeLessThanOrEqual(1e-6 * singularValues[0]!);
  });

  it("a device that holds not even one sample is an error, or with auto the next provider", async () => {
    await expect(run(mlp({ provider: "webgpu" }), () => fakeDevice("webgpu", small(0)))).rejects.toMatchObject({ code: "RUNTIME_MEMORY" });
    const { runtime, request } = await run(mlp(), () => fakeDevice("webgpu", small(0)));
    expect(runtime).toMatchObject({ provider: "cpu", refused: [{ provider: "webgpu" }] });
    // The batch that the device could not hold says nothing about the next provider.
    expect(request.batch).toBe(16);
  });
});
