import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Inside node_modules, so that the bundle finds onnxruntime-node. */
const FOLDER = join(ROOT, "node_modules/.cache/jacobian-lens", String(process.pid));
const ENTRY = join(FOLDER, "cli.cjs");
const BUNDLES = { cli: "src/cli/main.ts", lifeline: "src/worker/lifeline.ts" };

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  const entryPoints = Object.entries(BUNDLES).map(([out, file]) => ({ in: join(ROOT, file), out }));
  await build({ entryPoints, outdir: FOLDER, outExtension: { ".js": ".cjs" }, bundle: true, platform: "node", format: "cjs", target: "node20", external: ["onnxruntime-node"], logLevel: "error" });
});
afterAll(() => rm(FOLDER, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

const start = (argv: readonly string[], env: Readonly<Record<string, string | undefined>> = {}, seen: (child: ChildProcess) => void = () => undefined): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ENTRY, ...argv], { env: { ...process.env, ...env } });
    seen(child);
    let [out, error] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (error += piece.toString()));
    child.on("error", reject);
    child.on("close", (status) => { resolve({ status, out, error }); });
  });

it("doctor starts itself once per provider and finds that the CPU works", async () => {
  const { status, out, error } = await start(["doctor", "--json", "-"]);
  expect([status, error]).toEqual([0, ""]);
  const report = JSON.parse(out) as { onnxruntime: string; providers: { provider: string; usable: boolean; reason: string | null }[] };
  expect(report.onnxruntime).toMatch(/^\d+\.\d+\.\d+$/);
  expect(report.providers[0]).toMatchObject({ provider: "cpu", usable: true, reason: null });
  expect(report.providers.length).toBeGreaterThan(1);
  for (const { usable, reason } of report.providers) expect(usable || (reason ?? "").length > 5).toBe(true);
});

it("doctor says in ONNX Runtime's words why a provider of another system is refused", async () => {
  const { status, error } = await start(["doctor", "--provider", process.platform === "darwin" ? "dml" : "coreml"]);
  expect(status).toBe(4);
  expect(error).toMatch(/^error RUNTIME_PROVIDER: \w+ cannot be used on this machine: no available backend found/);
});

const PROVIDER = join(ROOT, "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so");
if (process.platform === "linux" && process.arch === "x64" && !existsSync(PROVIDER)) {
  it("doctor names the library that CUDA lacks, and where it was looked for, and ends with status 4", async () => {
    const { status, out, error } = await start(["doctor", "--provider", "cuda"], { LD_LIBRARY_PATH: "" });
    expect([status, error.split("\n").length]).toEqual([4, 3]);
    expect(error).toMatch(/^error RUNTIME_PROVIDER: cuda cannot be used on this machine: missing libonnxruntime_providers_cuda\.so, libonnxruntime_providers_shared\.so in .*\/bin\/napi-v6\/linux\/x64 \(ONNX Runtime: /);
    expect(out).toMatch(/^cuda needs +CUDA 12, cuDNN 9, driver 525\.60\.13 or newer$/m);
    expect(out).toMatch(/^libonnxruntime_providers_cuda\.so +missing$/m);
    expect(out).toMatch(/^libcudnn\.so\.9 +(?:missing|found|not where the loader looks)/m);
  });
} else it("what doctor says of a missing CUDA provider is not tested here: it is there, or not for this platform", () => { expect(process.platform !== "linux" || process.arch !== "x64" || existsSync(PROVIDER)).toBe(true); });

const SOFTWARE_VULKAN = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (process.platform === "linux" && existsSync(SOFTWARE_VULKAN)) {
  it("doctor finds WebGPU usable on software Vulkan, and calls it what it is", async () => {
    const { status, out } = await start(["doctor", "--provider", "webgpu", "--json", "-"], { VK_ICD_FILENAMES: SOFTWARE_VULKAN });
    const report = JSON.parse(out) as { readonly providers: readonly unknown[] };
    expect([status, report.providers[1]]).toMatchObject([0, { provider: "webgpu", usable: true, adapter: { name: "SwiftShader", software: true } }]);
  });
} else it(`WebGPU on software Vulkan is not tested here: there is no ${SOFTWARE_VULKAN}`, () => { expect(existsSync(SOFTWARE_VULKAN) && process.platform === "linux").toBe(false); });

const DIGITS = join(ROOT, "examples/digits/clean");
it.each([
  ["analyze", ["analyze", join(DIGITS, "step_20000.onnx"), "--data", join(DIGITS, "train.npz"), "--samples", "20", "--provider", "cpu"]],
  ["doctor", ["doctor", "--provider", "cpu"]],
  ["a process that nobody gave its environment", ["--probe-provider", "cpu"]],
])("%s leaves nothing in the home and temporary folders: ONNX Runtime's telemetry is off", async (_, argv) => {
  const folder = await mkdtemp(join(tmpdir(), "lens-home-"));
  try {
    expect((await start(argv, { HOME: folder, TMPDIR: folder, XDG_CACHE_HOME: undefined, ORT_DISABLE_TELEMETRY: undefined })).status).toBe(0);
    expect(await readdir(folder, { recursive: true })).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ["analyze", 0, ["analyze", join(DIGITS, "step_20000.onnx"), "--data", join(DIGITS, "train.npz"), "--samples", "20", "--provider", "cpu", "--json"]],
  ["doctor", 0, ["doctor", "--provider", "cpu", "--json"]],
  ["wrong usage", 2, ["analyze", "--json"]],
])("%s ends as it would where nobody reads what it says (2>&1 | head), its file written whole", async (_, expected, argv) => {
  const file = join(FOLDER, "unread.json");
  const { status } = await start([...argv, file], {}, ({ stdout, stderr }) => { for (const stream of [stdout, stderr]) stream?.destroy(); });
  expect(status).toBe(expected);
  if (expected === 0) expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ tool: { name: "jacobian-lens" } });
});

if (process.platform === "linux") {
  it("a broken library that LD_LIBRARY_PATH puts before ONNX Runtime's own is named, with what to do", async () => {
    const libraries = join(FOLDER, "broken");
    await mkdir(libraries, { recursive: true });
    await writeFile(join(libraries, "libonnxruntime.so.1"), "no library");
    const env = { LD_LIBRARY_PATH: libraries };
    const analysis = await start(["analyze", join(DIGITS, "step_20000.onnx"), "--data", join(DIGITS, "train.npz"), "--provider", "cpu", "--quiet"], env);
    expect(analysis.status).toBe(4);
    expect(analysis.error).toMatch(/^error RUNTIME_MISSING: ONNX Runtime cannot be loaded on this machine \(.*libonnxruntime\.so\.1: .*\nhint: LD_LIBRARY_PATH is .*\/broken: /);
    const doctor = await start(["doctor"], env);
    expect([doctor.status, doctor.error.split("\n")[1]]).toEqual([4, expect.stringMatching(/^hint: LD_LIBRARY_PATH is /)]);
    expect(doctor.out.match(/to do: LD_LIBRARY_PATH is /g)).toHaveLength(3);
    expect(doctor.out).toMatch(/^cpu +refused: .*\/broken\/libonnxruntime\.so\.1: .* \(ERR_DLOPEN_FAILED\)$/m);
  });
} else it("LD_LIBRARY_PATH is not tested here: it is Linux's", () => { expect(process.platform).not.toBe("linux"); });

it("wrong usage ends with status 2 and two lines", async () => {
  expect(await start(["analyze"])).toEqual({ status: 2, out: "", error: "error USAGE_MISSING: MODEL: is missing\nhint: jacobian-lens analyze --help shows how it is used.\n" });
});

it("Ctrl-C ends with status 130 and one word", async () => {
  const marker = join(FOLDER, "began");
  // A tool that doctor calls and that would take long: the moment to interrupt is when it has begun.
  await writeFile(join(FOLDER, "nvidia-smi"), `#!/bin/sh\n: > "${marker}"\nexec sleep 9\n`, { mode: 0o755 });
  const begun = performance.now();
  const ended = await start(["doctor"], { PATH: `${FOLDER}:${process.env.PATH ?? ""}` }, (child) => {
    const timer = setInterval(() => void stat(marker).then(() => (clearInterval(timer), child.kill("SIGINT")), () => undefined), 20);
  });
  expect(ended).toEqual({ status: 130, out: "", error: "interrupted\n" });
  expect(performance.now() - begun).toBeLessThan(8000);
});
