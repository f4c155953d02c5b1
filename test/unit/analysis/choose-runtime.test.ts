import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runtimesTriedBy, type Trial } from "../../../src/analysis/choose-runtime.ts";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import { automaticOrder, noGpuHere } from "../../../src/runtime/provider-order.ts";

const request = (changes: Partial<AnalysisRequest>) => withDefaults({ model: "m.onnx", data: "d.npz", ...changes });

const usable: Trial = (provider) => Promise.resolve({ provider, usable: true, reason: null, remedy: null, adapter: { name: "a GPU", software: false }, onnxruntime: "1.0.0", seconds: 0 });
const refused: Trial = (provider) => Promise.resolve({ provider, usable: false, reason: "libcudnn.so.9: not found", remedy: "Install it.", adapter: null, onnxruntime: null, seconds: 0 });
const software: Trial = (provider) => Promise.resolve({ provider, usable: true, reason: null, remedy: null, adapter: { name: "SwiftShader", software: true }, onnxruntime: "1.0.0", seconds: 0 });

describe("the order of auto", () => {
  it.each([["linux", "x64", ["cuda", "webgpu", "cpu"]], ["linux", "arm64", ["webgpu", "cpu"]], ["win32", "x64", ["dml", "webgpu", "cpu"]], ["darwin", "arm64", ["coreml", "webgpu", "cpu"]]] as const)("on %s %s is %o", (platform, arch, order) => {
    expect(automaticOrder(platform, arch)).toEqual(order);
  });

  it("ends with the CPU, and names each provider before it with its reason", async () => {
    const { runtime, refused: list } = await runtimesTriedBy(refused)(request({}), { without: [] });
    expect(runtime.provider).toBe("cpu");
    expect(list.map(({ provider }) => provider)).toEqual(automaticOrder(process.platform, process.arch).slice(0, -1));
    for (const { reason, remedy } of list) expect([reason, remedy]).toEqual(noGpuHere() === null ? ["libcudnn.so.9: not found", "Install it."] : [noGpuHere(), expect.any(String) as string]);
  });

  it("never takes a software driver by itself", async () => {
    const { runtime, refused: list } = await runtimesTriedBy(software)(request({}), { without: [] });
    expect(runtime.provider).toBe("cpu");
    expect(list.every(({ reason }) => reason === noGpuHere() || reason.includes("SwiftShader"))).toBe(true);
  });

  it("passes over a provider that failed in this analysis already", async () => {
    const failed = automaticOrder(process.platform, process.arch).slice(0, -1).map((provider) => ({ provider, reason: "wrong numbers", remedy: null }));
    const { runtime, refused: list } = await runtimesTriedBy(usable)(request({}), { without: failed });
    expect(runtime.provider).toBe("cpu");
    expect(noGpuHere() !== null || list.every(({ reason }) => reason === "wrong numbers")).toBe(true);
  });

  it("is the CPU where nothing can be tried, and for float64", async () => {
    expect((await runtimesTriedBy(null)(request({}), { without: [] })).runtime.provider).toBe("cpu");
    expect((await runtimesTriedBy(usable)(request({ precision: "double" }), { without: [] })).runtime.provider).toBe("cpu");
  });
});

describe("a provider asked for by name", () => {
  it("is an error with its reason and what to do where it cannot be used, never another provider", async () => {
    await expect(runtimesTriedBy(refused)(request({ provider: "cuda" }), { without: [] })).rejects.toMatchObject({ code: "RUNTIME_PROVIDER", message: expect.stringContaining("libcudnn.so.9: not found") as string, hint: expect.stringContaining("Install it.") as string });
  });

  it("is taken where it is usable, software too, and the device is named", async () => {
    const { runtime, adapter, refused: list } = await runtimesTriedBy(software)(request({ provider: "webgpu" }), { without: [] });
    expect([runtime.provider, adapter, list]).toEqual(["webgpu", { name: "SwiftShader", software: true }, []]);
  });

  it("takes no device number where ONNX Runtime has none for it", async () => {
    await expect(runtimesTriedBy(usable)(request({ provider: "webgpu", deviceId: 1 }), { without: [] })).rejects.toMatchObject({ code: "RUNTIME_DEVICE" });
    expect((await runtimesTriedBy(usable)(request({ provider: "cuda", deviceId: 1 }), { without: [] })).runtime.provider).toBe("cuda");
  });

  it("has no float64 kernels but on the CPU", async () => {
    await expect(runtimesTriedBy(usable)(request({ provider: "webgpu", precision: "double" }), { without: [] })).rejects.toMatchObject({ code: "JACOBIAN_PRECISION" });
  });
});

describe("the memory of the device", () => {
  const { PATH, CUDA_VISIBLE_DEVICES } = process.env;

  const withTwoGpus = async (work: () => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(path.join(tmpdir(), "lens-smi-"));
    writeFileSync(path.join(folder, "nvidia-smi"), "#!/bin/sh\necho '0, GPU-1, NVIDIA L4, 23034, 20000, [N/A]'\necho '1, GPU-2, NVIDIA L4, 23034, 500, [N/A]'\n", { mode: 0o755 });
    process.env.PATH = `${folder}:${PATH ?? ""}`;
    delete process.env.CUDA_VISIBLE_DEVICES;
    try {
      await work();
    } finally {
      process.env.PATH = PATH;
      if (CUDA_VISIBLE_DEVICES !== undefined) process.env.CUDA_VISIBLE_DEVICES = CUDA_VISIBLE_DEVICES;
      rmSync(folder, { recursive: true, force: true });
    }
  };

  const freeOf = async (changes: Partial<AnalysisRequest>): Promise<number | null | undefined> => (await (await runtimesTriedBy(usable)(request(changes), { without: [] })).memory?.())?.free;

  it("is asked of no machine on the CPU", async () => {
    expect(await runtimesTriedBy(usable)(request({ provider: "cpu" }), { without: [] })).not.toHaveProperty("memory");
  });

  if (process.platform !== "win32") it("is that of the GPU of the number asked for, and none on the CPU", () => withTwoGpus(async () => {
    expect([await freeOf({ provider: "cuda" }), await freeOf({ provider: "cuda", deviceId: 1 }), await freeOf({ provider: "cpu" })]).toEqual([20000 * 2 ** 20, 500 * 2 ** 20, undefined]);
  }));
  else it("is not tested here: Windows starts no shell script named nvidia-smi", () => { expect(process.platform).toBe("win32"); });
});
