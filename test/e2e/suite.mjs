/**
 * Runs test/suite in VS Code's extension host: in the desktop VS Code that $VSCODE_EXE or PATH names, else in the stand-in of code-shim.mjs.
 *   node test/e2e/suite.mjs [report.json]
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runTests } from "@vscode/test-electron";
import * as esbuild from "esbuild";
import { ROOT } from "../../scripts/support/run.mjs";

const SHIM = fileURLToPath(new URL("code-shim.mjs", import.meta.url));

/** Each test file becomes one bundle beside the index, which finds them by their ending. */
const bundleSuite = async (outdir) => {
  const folder = path.join(ROOT, "test/suite");
  const files = readdirSync(folder).filter((name) => name === "index.ts" || name.endsWith(".test.ts"));
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  writeFileSync(path.join(outdir, "package.json"), '{ "type": "commonjs" }\n');
  await esbuild.build({
    absWorkingDir: ROOT, entryPoints: files.map((name) => path.join(folder, name)), outdir, bundle: true, platform: "node", format: "cjs", target: "node20",
    sourcemap: "inline", external: ["vscode", "mocha", "onnxruntime-node"], logLevel: "warning",
  });
};

/** The tests write into their folder: give them a copy of the example. */
const scratchFolder = () => {
  const folder = mkdtempSync(path.join(tmpdir(), "lens-ws-"));
  cpSync(path.join(ROOT, "examples/digits"), path.join(folder, "digits"), { recursive: true });
  return path.join(folder, "digits");
};

/** The processes that were started with the workspace in their environment: the host and its workers. None where the system does not tell. */
const startedFor = (workspace) => {
  const ids = existsSync("/proc/self/environ") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid) : [];
  return ids.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/environ`, "utf8").includes(`LENS_EXAMPLE=${workspace}\0`);
    } catch {
      return false; // it ended meanwhile, or is another user's
    }
  });
};

/** Workers may take a moment to notice that their host has ended. */
const refuseSurvivors = async (workspace) => {
  for (let i = 0; i < 20 && startedFor(workspace).length > 0; i++) await sleep(100);
  const left = startedFor(workspace).map((id) => `${id} ${readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").trim()}`);
  if (left.length > 0) throw new Error(`still running after the window closed: ${left.join("; ")}`);
};

const main = async (report) => {
  const outdir = path.join(ROOT, "out/suite");
  await bundleSuite(outdir);
  const workspace = scratchFolder();
  const executable = process.env.VSCODE_EXE ?? SHIM;
  if (!existsSync(executable)) throw new Error(`$VSCODE_EXE names ${executable}, which does not exist`);
  try {
    const status = await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: path.join(outdir, "index.js"),
      launchArgs: [workspace, "--disable-extensions", "--disable-workspace-trust"],
      extensionTestsEnv: { ...(report ? { TEST_REPORT: path.resolve(report) } : {}), LENS_EXAMPLE: workspace },
    });
    await refuseSurvivors(workspace);
    return status;
  } finally {
    rmSync(path.dirname(workspace), { recursive: true, force: true });
  }
};

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
