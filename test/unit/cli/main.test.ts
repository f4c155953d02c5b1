import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
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

const start = (argv: readonly string[], path = process.env.PATH ?? "", seen: (child: ChildProcess) => void = () => undefined): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ENTRY, ...argv], { env: { ...process.env, PATH: path } });
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

it("wrong usage ends with status 2 and two lines", async () => {
  expect(await start(["analyze"])).toEqual({ status: 2, out: "", error: "error USAGE_MISSING: MODEL: is missing\nhint: jacobian-lens analyze --help shows how it is used.\n" });
});

it("Ctrl-C ends with status 130 and one word", async () => {
  const marker = join(FOLDER, "began");
  // A tool that doctor calls and that would take long: the moment to interrupt is when it has begun.
  await writeFile(join(FOLDER, "nvidia-smi"), `#!/bin/sh\n: > "${marker}"\nexec sleep 9\n`, { mode: 0o755 });
  const begun = performance.now();
  const ended = await start(["doctor"], `${FOLDER}:${process.env.PATH ?? ""}`, (child) => {
    const timer = setInterval(() => void stat(marker).then(() => (clearInterval(timer), child.kill("SIGINT")), () => undefined), 20);
  });
  expect(ended).toEqual({ status: 130, out: "", error: "interrupted\n" });
  expect(performance.now() - begun).toBeLessThan(8000);
});
