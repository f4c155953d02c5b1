/**
 * Opens VS Code with this extension on examples/digits: the desktop program when `code` is on PATH, else a workbench on 127.0.0.1 for any
 * browser, until Ctrl-C. --browser asks for the latter in any case.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBuilt } from "./support/dependencies.mjs";
import { onPath } from "./support/on-path.mjs";
import { packageExtension } from "./support/package.mjs";
import { must, ROOT } from "./support/run.mjs";

const EXAMPLE = path.join(ROOT, "examples/digits");

const openDesktop = (code) => {
  const shell = process.platform === "win32";
  spawn(code, [`--extensionDevelopmentPath=${ROOT}`, EXAMPLE], { stdio: "inherit", shell }).unref();
  console.log("Opening VS Code with the extension on examples/digits. Next: run “Jacobian Lens: Analyze Jacobian” from the command palette.");
};

const interrupted = () =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, resolve);
  });

const openBrowserWorkbench = async () => {
  if (process.platform === "win32") throw new Error("On Windows, put VS Code's `code` on PATH (Command Palette: Shell Command: Install 'code').");
  await must("sh", [path.join(ROOT, "test/harness/install.sh")], { quiet: true });
  const { startServer } = await import("../test/e2e/server.mjs");
  const root = mkdtempSync(path.join(tmpdir(), "lens-start-"));
  const vsix = [await packageExtension()];
  const server = await startServer({ root: path.join(root, "cs"), folder: EXAMPLE, vsix, settings: { "editor.hover.delay": 300 } });
  console.log(`VS Code with the extension: ${server.url}/?${new URLSearchParams({ folder: EXAMPLE })}`);
  console.log("Next: run “Jacobian Lens: Analyze Jacobian” from the command palette (F1). Ctrl-C ends it.");
  await interrupted();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
};

await ensureBuilt();
const code = process.argv.includes("--browser") ? undefined : onPath("code");
if (code === undefined) await openBrowserWorkbench();
else openDesktop(code);
