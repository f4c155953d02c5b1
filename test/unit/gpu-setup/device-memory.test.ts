import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deviceMemory } from "../../../src/gpu-setup/device-memory.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { machineOf, type Tree } from "./trees.ts";

const MiB = 2 ** 20;
const ASKED = "nvidia-smi --query-gpu=index,uuid,name,memory.total,memory.free,mig.mode.current --format=csv,noheader,nounits";
const SMALL = "0, GPU-11aa-1, NVIDIA T400 4GB, 4096, 3000, [N/A]";
const LARGE = "1, GPU-11bb-2, NVIDIA H100 80GB HBM3, 81559, 81000, Disabled";
const FIRST = "0, GPU-aaaa-1, NVIDIA L4, 23034, 20000, [N/A]";
const SECOND = "1, GPU-aabb-2, NVIDIA L4, 23034, 500, [N/A]";

const smi = (...rows: readonly string[]): Tree => ({ programs: { [ASKED]: `${rows.join("\n")}\n` } });
const cuda = (tree: Tree, env: Readonly<Record<string, string>> = {}, deviceId?: number) => deviceMemory(machineOf({ ...tree, env }), { provider: "cuda", deviceId, adapter: null });
const webgpu = (tree: Tree, name: string, software = false) => deviceMemory(machineOf(tree), { provider: "webgpu", adapter: { name, software } });

const BOTH = smi(FIRST, SECOND);
const UNLIKE = smi(SMALL, LARGE);
const [ONE, TWO] = [20000, 500];

describe("the memory of CUDA's device", () => {
  it.each([
    ["the first, unless a number is given", {}, undefined, ONE],
    ["the one of the number", {}, 1, TWO],
    ["the one that alone is visible, which CUDA numbers 0", { CUDA_VISIBLE_DEVICES: "1" }, undefined, TWO],
    ["the one at that place of the visible ones", { CUDA_VISIBLE_DEVICES: "1, 0" }, 1, ONE],
    ["the one whose UUID begins so", { CUDA_VISIBLE_DEVICES: "GPU-aabb" }, undefined, TWO],
    ["none where two UUIDs begin so", { CUDA_VISIBLE_DEVICES: "GPU-aa" }, undefined, null],
    ["none where no GPU is visible", { CUDA_VISIBLE_DEVICES: "" }, undefined, null],
    ["none behind an entry that names none", { CUDA_VISIBLE_DEVICES: "0,-1,1" }, 1, null],
    ["none behind an entry that is there twice", { CUDA_VISIBLE_DEVICES: "0,0" }, 1, null],
    ["none of a number that is not there", {}, 2, null],
    ["none for a part of a GPU", { CUDA_VISIBLE_DEVICES: "MIG-aaaa-1" }, undefined, null],
  ])("is that of %s", async (_, env, deviceId, free) => {
    expect((await cuda(BOTH, env, deviceId))?.free ?? null).toBe(free === null ? null : free * MiB);
  });

  it("says whole, free, and which GPU it is", async () => {
    expect(await cuda(BOTH, { CUDA_VISIBLE_DEVICES: "1" })).toEqual({ free: 500 * MiB, total: 23034 * MiB, shared: false, source: "nvidia-smi, GPU 1 (NVIDIA L4)" });
  });

  it("is that of the least of different GPUs, which CUDA numbers by their speed, unless the numbers are the bus's or UUIDs are named", async () => {
    const least = { free: 3000 * MiB, total: 4096 * MiB, shared: false, source: "nvidia-smi, the least of 2 GPUs" };
    expect(await cuda(UNLIKE)).toEqual(least);
    expect(await cuda(UNLIKE, { CUDA_VISIBLE_DEVICES: "1" })).toEqual(least);
    expect((await cuda(UNLIKE, { CUDA_DEVICE_ORDER: "PCI_BUS_ID" }, 1))?.free).toBe(81000 * MiB);
    expect((await cuda(UNLIKE, { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: "1" }))?.free).toBe(81000 * MiB);
    expect((await cuda(UNLIKE, { CUDA_VISIBLE_DEVICES: "GPU-11bb" }))?.free).toBe(81000 * MiB);
  });

  it.each([
    ["no nvidia-smi", {}],
    ["a GPU that is split into instances", smi("0, GPU-1, NVIDIA A100-SXM4-40GB, 40960, 40000, Enabled")],
    ["a GPU that shares the computer's memory", smi("0, GPU-1, NVIDIA GB10, [N/A], [N/A], [N/A]")],
    ["output of another kind", smi("No devices were found")],
    ["a row that a terminal would obey", smi("0, GPU-1, NVIDIA \u001b[2J L4, 23034, 20000, [N/A]")],
    ["a row without a number", smi("GPU 0, GPU-1, NVIDIA L4, 23034, 20000, [N/A]")],
  ])("is not known with %s", async (_, tree) => {
    expect(await cuda(tree)).toBeNull();
  });

  it("is known in all where the driver does not tell what is free", async () => {
    expect(await cuda(smi("0, GPU-1, NVIDIA L4, 23034, [Insufficient Permissions], [N/A]"))).toMatchObject({ free: null, total: 23034 * MiB });
  });
});

describe("the memory of WebGPU's device", () => {
  const card = (name: string, total: number, used: number): Record<string, string> => ({ [`/sys/class/drm/${name}/device/mem_info_vram_total`]: `${total * MiB}\n`, [`/sys/class/drm/${name}/device/mem_info_vram_used`]: `${used * MiB}\n` });

  it("is the NVIDIA GPU's, or the least of several, whatever CUDA is shown", async () => {
    expect(await webgpu(smi(FIRST), "NVIDIA")).toMatchObject({ free: 20000 * MiB, source: "nvidia-smi, GPU 0 (NVIDIA L4)" });
    expect(await webgpu({ ...UNLIKE, env: { CUDA_VISIBLE_DEVICES: "1" } }, "NVIDIA")).toMatchObject({ free: 3000 * MiB, total: 4096 * MiB, source: "nvidia-smi, the least of 2 GPUs" });
  });

  it("is what the amdgpu driver says of the card, outputs and render nodes left aside", async () => {
    const files = { ...card("card0", 16368, 368), "/sys/class/drm/card0-DP-1/status": "connected\n", "/sys/class/drm/renderD128/device/mem_info_vram_total": "1\n" };
    expect(await webgpu({ files }, "RADV (AMD) or AMDVLK")).toEqual({ free: 16000 * MiB, total: 16368 * MiB, shared: false, source: "amdgpu, card0" });
    expect(await webgpu({ files: { ...files, ...card("card1", 512, 12) } }, "RADV (AMD)")).toMatchObject({ free: 500 * MiB, source: "amdgpu, the least of 2 GPUs" });
  });

  it("is the computer's own where a software driver computes on the CPU", async () => {
    const files = { "/proc/meminfo": "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    6000000 kB\n" };
    expect(await webgpu({ files }, "SwiftShader", true)).toMatchObject({ free: 6000000 * 1024, total: 8000000 * 1024, shared: true });
  });

  it("is the computer's own on Apple silicon, with CoreML too", async () => {
    const tree: Tree = { platform: "darwin", programs: { "sysctl -n hw.memsize": "17179869184\n" } };
    for (const provider of ["webgpu", "coreml"]) expect(await deviceMemory(machineOf(tree), { provider, adapter: null })).toMatchObject({ free: null, total: 2 ** 34, shared: true });
  });

  it.each([["Intel", {}, "ANV (Intel)"], ["NVIDIA or Intel", smi(FIRST), "NVIDIA or ANV (Intel)"], ["AMD without its files", {}, "RADV (AMD)"]])("is not known for a driver of %s", async (_, tree, name) => {
    expect(await webgpu(tree, name)).toBeNull();
  });

  it("is not known where the device is not, on Windows, nor with DirectML and the CPU", async () => {
    expect(await deviceMemory(machineOf(BOTH), { provider: "webgpu", adapter: null })).toBeNull();
    for (const provider of ["webgpu", "dml", "cpu"]) expect(await deviceMemory(machineOf({ ...BOTH, platform: "win32" }), { provider, adapter: { name: "NVIDIA", software: false } })).toBeNull();
  });
});

if (process.platform !== "win32") {
  describe("a program nvidia-smi on PATH", () => {
    const { PATH } = process.env;
    let folder: string;
    beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), "lens-smi-")); process.env.PATH = `${folder}:/usr/bin:/bin`; });
    afterEach(() => { process.env.PATH = PATH; rmSync(folder, { recursive: true, force: true }); });
    const install = (script: string): void => { writeFileSync(path.join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 }); };
    const asked = (env: Readonly<Record<string, string>> = {}) => deviceMemory(nodeMachine({ env }), { provider: "cuda", adapter: null });

    it("is asked for what it knows, and its second GPU is meant where that alone is visible", async () => {
      install(`case "$*" in "${ASKED.slice("nvidia-smi ".length)}") printf '${FIRST}\\n${SECOND}\\n';; *) exit 2;; esac`);
      expect([(await asked())?.free, (await asked({ CUDA_VISIBLE_DEVICES: "1" }))?.free]).toEqual([20000 * MiB, 500 * MiB]);
    });

    it("that heeds no SIGTERM and whose child keeps its output open is waited for once, then said to hang", async () => {
      install("trap '' TERM\nsleep 3\nsleep 3");
      const machine = nodeMachine({ env: {}, patience: 200 });
      const begun = performance.now();
      expect([await machine.run("nvidia-smi", []), await machine.run("nvidia-smi", ["-L"]), [...machine.hung]]).toEqual([null, null, ["nvidia-smi"]]);
      expect(performance.now() - begun).toBeLessThan(1500);
    });

    it("that heeds no SIGTERM is let go when nobody wants its answer any more, and not started after that", async () => {
      install(`trap '' TERM\necho >> ${path.join(folder, "started")}\nsleep 3`);
      const controller = new AbortController();
      const machine = nodeMachine({ env: {}, signal: controller.signal });
      const begun = performance.now();
      setTimeout(() => { controller.abort(); }, 300);
      expect([await machine.run("nvidia-smi", []), await machine.run("nvidia-smi", []), machine.hung.size]).toEqual([null, null, 0]);
      expect(performance.now() - begun).toBeLessThan(2000);
      expect(readFileSync(path.join(folder, "started"), "utf8")).toBe("\n");
    });

    it.each([["fails", "echo 'NVIDIA-SMI has failed because it could not communicate with the driver.'; exit 9"], ["prints what cannot be read", "echo hello, world"], ["prints nothing", ":"]])("that %s tells nothing", async (_, script) => {
      install(script);
      expect(await asked()).toBeNull();
    });
  });
} else it("a program nvidia-smi on PATH is not tested here: Windows starts no shell script by that name", () => { expect(process.platform).toBe("win32"); });
