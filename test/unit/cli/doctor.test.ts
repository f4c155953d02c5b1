import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { diagnose, providersOf, type ProviderReport } from "../../../src/analysis/doctor.ts";
import { probeProvider } from "../../../src/analysis/probe.ts";
import { tellingLines } from "../../../src/runtime/telling-lines.ts";

let folder = "";
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "lens-doctor-")); });
afterAll(() => rm(folder, { recursive: true }));

/** A program that answers the probe by running `body`, and what `diagnose` makes of it. */
const probedBy = async (body: string, patience?: number): Promise<ProviderReport | undefined> => {
  const entry = join(folder, "entry.cjs");
  await writeFile(entry, body);
  const { providers } = await diagnose({ entry, providers: ["cuda"], ...(patience === undefined ? {} : { patience }) });
  return providers[0];
};

it("a provider is usable when the process says so, whatever it printed before", async () => {
  expect(await probedBy(`console.log("noise"); console.log(process.argv[2], JSON.stringify({ usable: true, onnxruntime: process.argv[3] }))`)).toMatchObject({ provider: "cuda", usable: true, reason: null });
});

it("a usable provider comes with the memory of its device, a refused one without", async () => {
  const { PATH, CUDA_VISIBLE_DEVICES } = process.env;
  delete process.env.CUDA_VISIBLE_DEVICES;
  const answer = (own: object): string => `console.log(process.argv[2], JSON.stringify(${JSON.stringify(own)}))`;
  await writeFile(join(folder, "nvidia-smi"), "#!/bin/sh\ncase \"$*\" in *memory.free*) echo '0, GPU-1, NVIDIA L4, 23034, 20000, [N/A]';; *) exit 2;; esac\n", { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH ?? ""}`;
  try {
    const told = process.platform === "win32" ? null : { free: 20000 * 2 ** 20, total: 23034 * 2 ** 20, shared: false, source: "nvidia-smi, GPU 0 (NVIDIA L4)" };
    expect((await probedBy(answer({ usable: true, onnxruntime: "1.0.0" })))?.memory).toEqual(told);
    expect(await probedBy(answer({ usable: false, reason: "no CUDA" }))).not.toHaveProperty("memory");
  } finally {
    process.env.PATH = PATH;
    if (CUDA_VISIBLE_DEVICES !== undefined) process.env.CUDA_VISIBLE_DEVICES = CUDA_VISIBLE_DEVICES;
  }
});

it("a refused provider gives its exception and the telling lines of standard error", async () => {
  const line = "\\u001b[1;31m2025-01-01 10:00:00.1 [E:onnxruntime:, provider_bridge_ort.cc:2146 Create] Failed to load library libcuda.so: cannot open shared object file\\u001b[m";
  const report = await probedBy(`console.error("${line}"); console.error("loading"); console.log("--probe-provider " + JSON.stringify({ usable: false, reason: "no CUDA" }))`);
  expect(report).toMatchObject({ usable: false, reason: "no CUDA | Failed to load library libcuda.so: cannot open shared object file" });
});

it("a process that aborts gives how it ended and what it said", async () => {
  const report = await probedBy(`require("fs").writeSync(2, "terminate called: required extension is missing\\n"); process.abort()`);
  expect(report?.usable).toBe(false);
  expect(report?.reason).toMatch(/^the process (?:was ended by SIGABRT|ended with status \d+) \| .*required extension is missing/);
});

it("a process that never answers is ended", async () => {
  expect(await probedBy("setInterval(() => undefined, 1000)", 200)).toMatchObject({ usable: false, reason: "no answer after 0.2 s" });
});

it("the same line is told once, and places in the source are left out", () => {
  const text = "/onnxruntime_src/a/b.cc:12 Provider::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load x\nFailed to load x\n    at f (/b.cpp:3) error\n";
  expect(tellingLines(text)).toEqual(["Failed to load x"]);
});

it("DirectML is tried on Windows only, CoreML on macOS only", () => {
  expect([providersOf("linux"), providersOf("win32"), providersOf("darwin")]).toEqual([["cpu", "cuda", "webgpu"], ["cpu", "cuda", "webgpu", "dml"], ["cpu", "webgpu", "coreml"]]);
});

it("the CPU provider runs the probing graph here", async () => {
  expect(await probeProvider("cpu")).toMatchObject({ onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, adapter: null });
});
