import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { diagnose, type DoctorOptions, providersOf, type ProviderReport } from "../../../src/analysis/doctor.ts";
import { probeProvider } from "../../../src/analysis/probe.ts";
import { tellingLines } from "../../../src/runtime/telling-lines.ts";

let folder = "";
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "lens-doctor-")); });
afterAll(() => rm(folder, { recursive: true }));

const restore = (variables: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};

/** A program that answers the probe by running `body`, and what `diagnose` makes of it. */
const probedBy = async (body: string, options: Partial<DoctorOptions> = {}): Promise<ProviderReport | undefined> => {
  const entry = join(folder, "entry.cjs");
  await writeFile(entry, body);
  const { providers } = await diagnose({ entry, providers: ["cuda"], ...options });
  return providers[0];
};

it("a provider is usable when the process says so, whatever it printed before", async () => {
  expect(await probedBy(`console.log("noise"); console.log(process.argv[2], JSON.stringify({ usable: true, onnxruntime: process.argv[3] }))`)).toMatchObject({ provider: "cuda", usable: true, reason: null });
});

const USABLE = `console.log(process.argv[2], JSON.stringify({ usable: true, onnxruntime: "1.0.0" }))`;
const SAYS = (what: string): string => `console.log(process.argv[2], JSON.stringify({ usable: false, reason: String(${what}) }))`;

it("a provider is tried in the environment of the processes that compute, which the user's own overrides", async () => {
  const { CUDA_DEVICE_ORDER, ORT_DISABLE_TELEMETRY } = process.env;
  delete process.env.CUDA_DEVICE_ORDER;
  try {
    expect((await probedBy(SAYS("process.env.CUDA_DEVICE_ORDER")))?.reason).toBe("PCI_BUS_ID");
    process.env.ORT_DISABLE_TELEMETRY = "0";
    expect((await probedBy(SAYS("process.env.ORT_DISABLE_TELEMETRY")))?.reason).toBe("0");
  } finally {
    restore({ CUDA_DEVICE_ORDER, ORT_DISABLE_TELEMETRY });
  }
});

it("the device that is asked for is tried where the provider takes a number, refused where none does", async () => {
  const given = SAYS("process.argv.slice(3)");
  expect((await probedBy(given, { deviceId: 1 }))?.reason).toBe("cuda,1");
  expect((await probedBy(given, { deviceId: 1, providers: ["webgpu", "cuda"] }))?.reason).toBe("webgpu");
  await expect(probedBy(given, { deviceId: 1, providers: ["cpu", "webgpu"] })).rejects.toMatchObject({ code: "RUNTIME_DEVICE", message: expect.stringContaining("webgpu") as string });
});

it("what a provider's process leaves among the temporary files is removed when it is ended", async () => {
  const name = join(folder, "name");
  const body = `const fs = require("fs"); fs.writeFileSync(${JSON.stringify(name)}, fs.mkdtempSync(require("path").join(require("os").tmpdir(), "jacobian-lens-profile-" + process.pid + "-"))); process.abort()`;
  expect((await probedBy(body))?.usable).toBe(false);
  await expect(stat(await readFile(name, "utf8"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("once it is stopped no provider is tried any more", async () => {
  const started = join(folder, "started");
  const controller = new AbortController();
  const body = `require("fs").appendFileSync(${JSON.stringify(started)}, process.argv[3] + "\\n"); setInterval(() => undefined, 1000)`;
  const ended = probedBy(body, { signal: controller.signal, providers: ["cpu", "cuda", "webgpu"] });
  await vi.waitFor(async () => { expect(await readFile(started, "utf8")).toBe("cpu\n"); }, 5000);
  controller.abort();
  await expect(ended).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(probedBy(body, { signal: controller.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await readFile(started, "utf8")).toBe("cpu\n");
});

it("a usable provider comes with the memory of the device that an analysis would get by its number, a refused one without", async () => {
  const { PATH, CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER } = process.env;
  delete process.env.CUDA_VISIBLE_DEVICES;
  delete process.env.CUDA_DEVICE_ORDER;
  await writeFile(join(folder, "nvidia-smi"), "#!/bin/sh\ncase \"$*\" in *memory.free*) printf '0, GPU-1, NVIDIA T4, 15360, 15000, [N/A]\\n1, GPU-2, NVIDIA L4, 23034, 20000, [N/A]\\n';; *) exit 2;; esac\n", { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH ?? ""}`;
  try {
    const told = process.platform === "win32" ? null : { free: 20000 * 2 ** 20, total: 23034 * 2 ** 20, shared: false, source: "nvidia-smi, GPU 1 (NVIDIA L4)" };
    expect((await probedBy(USABLE, { deviceId: 1 }))?.memory).toEqual(told);
    expect(await probedBy(SAYS(`"no CUDA"`))).not.toHaveProperty("memory");
  } finally {
    restore({ PATH, CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER });
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
  expect(await probedBy("setInterval(() => undefined, 1000)", { patience: 200 })).toMatchObject({ usable: false, reason: "no answer after 0.2 s" });
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
