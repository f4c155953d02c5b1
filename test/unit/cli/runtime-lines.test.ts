import { expect, it } from "vitest";
import type { DeviceUse } from "../../../src/analysis/device-use.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { runtimeLines } from "../../../src/cli/print/runtime.ts";
import { styleOf } from "../../../src/cli/print/style.ts";
import { sampleResult } from "./fakes.ts";

const lines = (runtime: Partial<AnalysisResult["runtime"]>): readonly string[] => runtimeLines(sampleResult({ runtime: { ...sampleResult().runtime, ...runtime } }), styleOf(false));

it("the CPU asked for by name needs no line", () => {
  expect(lines({ provider: "cpu", refused: [] })).toEqual([]);
});

it("providers that auto passed over are named with their reason, once for those that share it", () => {
  expect(lines({ refused: [{ provider: "cuda", reason: "no GPU" }, { provider: "webgpu", reason: "no GPU" }, { provider: "dml", reason: "x".repeat(300) }] })).toEqual(["cuda, webgpu not used: no GPU", `dml not used: ${"x".repeat(109)}…`]);
});

it("a device is named with its nodes; software is called that, and what fell back is told by operator", () => {
  const fallback = { count: 3, nodes: [{ name: "a", operator: "Gather" }, { name: "b", operator: "Gather" }, { name: "c", operator: "Det" }] };
  expect(lines({ provider: "webgpu", adapter: { name: "SwiftShader", software: true }, nodes: { WebGpuExecutionProvider: 20, CPUExecutionProvider: 3 }, fallback, host: ["sums"], refused: [] })).toEqual([
    "webgpu on SwiftShader: software on the CPU, not a GPU · 20 nodes on WebGpu, 3 nodes on CPU (fell back: Gather ×2, Det) · on the CPU by design: sums",
  ]);
});

it("the device's memory is told with the batches taken for it", () => {
  const memory = { free: 75 * 2 ** 30, total: 80 * 2 ** 30, shared: false, source: "nvidia-smi, GPU 1 (NVIDIA H100)", run: 2 ** 30, batch: { products: 256, gradients: 40 } };
  const shown = (own: DeviceUse | null): string | undefined => lines({ provider: "cuda", memory: own, refused: [] })[1];
  expect(shown(memory)).toBe("device memory: 75 GiB of 80 GiB free (nvidia-smi, GPU 1 (NVIDIA H100)) · batches of 256 samples, 40 where gradients are written");
  expect(shown({ ...memory, free: null, batch: { products: 1, gradients: 1 } })).toBe("device memory: 80 GiB of memory (nvidia-smi, GPU 1 (NVIDIA H100)) · batches of 1 sample");
  expect(shown(null)).toBeUndefined();
});

it("TF32 is told where it is on", () => {
  expect(lines({ provider: "cuda", nodes: { CUDAExecutionProvider: 1 }, tf32: true, refused: [] })).toEqual(["cuda · 1 node on CUDA · TF32"]);
});
