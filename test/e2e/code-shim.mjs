#!/usr/bin/env node
/**
 * A stand-in for the `code` executable where no desktop VS Code is to be had: runs --extensionDevelopmentPath with --extensionTestsPath in
 * code-server and Chromium. Unmodified @vscode/test-electron runs the same suite in it as on a desktop (vscodeExecutablePath).
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { startServer } from "./server.mjs";
import { launchBrowser, openWorkbench } from "./workbench.mjs";

const LONGEST_RUN = Number(process.env.TEST_TIMEOUT ?? 300_000);

/** Lines of the workbench itself, of no interest beside the suite's; two native modules of its own are left unbuilt on purpose (install.sh). */
const CHATTER = /spdlog\.node|build\/Release\/watchdog|^(\[reconnection|Resolv|Creating a socket|Ignoring fetching|\[Service Worker|\[Agent|\[Account|Updating additional|Started local|Extension host)/;

/** Variables of this process that would change what the server does. */
const HARMFUL = /^(HOME|TMPDIR|PORT|PASSWORD|VSCODE_(IPC|GIT|ESM|CWD|NLS|PID).*|ELECTRON_.*|CODE_SERVER.*|XDG_.*)$/;

/** All values of --name=value or --name value. */
const option = (args, name) =>
  args.flatMap((argument, i) => {
    if (argument.startsWith(`--${name}=`)) return [argument.slice(name.length + 3)];
    return argument === `--${name}` && args[i + 1] !== undefined ? [args[i + 1]] : [];
  });

const toPath = (value) => (value.startsWith("file:") ? fileURLToPath(value) : path.resolve(value));

/** Runs the suite and gives its exit code. The workbench calls the two exposed functions when its smoke-test driver is on. */
const runSuite = async (page, server, { development, tests, folder }) => {
  let timer;
  const finished = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the suite did not end within ${LONGEST_RUN / 1000} s`)), LONGEST_RUN);
    void page.exposeFunction("codeAutomationExit", resolve);
    void page.exposeFunction("codeAutomationLog", (type, parts) => {
      const line = format(...parts);
      if (process.env.VERBOSE || !CHATTER.test(line)) (type === "error" ? console.error : console.log)(line);
    });
  });
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${pathToFileURL(file).pathname}`;
  const payload = [...development.map((file) => ["extensionDevelopmentPath", remote(file)]), ["extensionTestsPath", remote(tests)]];
  try {
    await openWorkbench(page, server.url, folder, payload);
    return await finished;
  } finally {
    clearTimeout(timer);
  }
};

const main = async (args) => {
  const development = option(args, "extensionDevelopmentPath").map(toPath);
  const [tests] = option(args, "extensionTestsPath").map(toPath);
  if (tests === undefined) throw new Error("code-shim: only runs with --extensionTestsPath are supported");
  const root = mkdtempSync(path.join(tmpdir(), "lens-suite-"));
  const folder = args.find((argument) => path.isAbsolute(argument) && !development.includes(argument)) ?? path.join(root, "folder");
  mkdirSync(folder, { recursive: true });
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !HARMFUL.test(name)));
  const undo = [() => rmSync(root, { recursive: true, force: true })];
  try {
    const server = await startServer({ root: path.join(root, "cs"), folder, vscodeOptions: ["enable-smoke-test-driver"], environment });
    undo.unshift(server.stop);
    const browser = await launchBrowser();
    undo.unshift(browser.close);
    return await runSuite(browser.page, server, { development, tests, folder });
  } finally {
    for (const step of undo) await step();
  }
};

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error);
  process.exit(2);
}
