/** The stages of `npm test`. Each gives { passed, failed } or, where this machine cannot run it, { notRun: why }. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { onPath } from "./on-path.mjs";
import { ROOT, run } from "./run.mjs";
import { ensureVulkan } from "./vulkan.mjs";

/** @typedef {{ passed: number, failed: number } | { notRun: string }} Outcome */

const RESULTS = path.join(ROOT, "test/results");

const node = (script, ...args) => [process.execPath, [path.join(ROOT, script), ...args]];

/** A tool that says yes or no counts as one test. @returns {Promise<Outcome>} */
const check = async (command, args) => {
  const { status } = await run(command, args, { quiet: true });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

const both = async (first, second) => {
  const a = await first();
  const b = await second();
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
};

/** Runs a test runner that leaves its counts in a JSON file; one that fails without a failed test still counts as a failure. */
const counted = async (name, command, args, read, env = {}) => {
  const file = path.join(RESULTS, `${name}.json`);
  mkdirSync(RESULTS, { recursive: true });
  rmSync(file, { force: true });
  const { status } = await run(command, args.map((argument) => argument.replace("REPORT", file)), { env: { ...env, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }) } });
  try {
    const { passed, failed } = read(JSON.parse(readFileSync(file, "utf8")));
    return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
};

/** @param {string} name @param {readonly string[]} folders @param {Record<string, string>} [env] */
const vitest = (name, folders, env = {}) =>
  counted(
    name,
    ...node("node_modules/vitest/vitest.mjs", "run", ...folders, "--reporter=dot", "--reporter=json", "--outputFile.json=REPORT"),
    ({ numPassedTests, numFailedTests }) => ({ passed: numPassedTests, failed: numFailedTests }),
    env,
  );

const withVulkan = async (work) => {
  const vulkan = await ensureVulkan();
  return "notRun" in vulkan ? vulkan : work(vulkan.env);
};

/** The workbench tests need Chromium and, where no desktop VS Code is named, the workbench from the registry. @returns {Promise<string | undefined>} why not */
const workbenchMissing = async () => {
  if (process.platform === "win32") return "the workbench's server does not run on Windows";
  if ((await ensureChromium()) === undefined) return "no Chromium (set CHROMIUM to its path)";
  if (onPath("sh") === undefined) return "no sh to install the workbench with";
  const { status } = await run("sh", [path.join(ROOT, "test/harness/install.sh")], { quiet: true });
  return status === 0 ? undefined : "the workbench could not be installed from the npm registry";
};

let workbench;
/** Asked for early, so that the download runs beside the first stages. */
export const prepareWorkbench = () => (workbench ??= workbenchMissing());

const inWorkbench = async (work) => {
  const notRun = await prepareWorkbench();
  return notRun === undefined ? work() : { notRun };
};

const same = ({ passed, failed }) => ({ passed, failed });

/** Groups run one after the other; the stages of a group side by side. @type {readonly (readonly { name: string, run: () => Promise<Outcome> }[])[]} */
export const STAGES = [
  [{ name: "build", run: () => check(...node("scripts/build.mjs")) }],
  [
    { name: "lint", run: () => check(...node("node_modules/eslint/bin/eslint.js", ".")) },
    {
      name: "types",
      run: () => both(
        () => check(...node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")),
        () => check(...node("node_modules/typescript/bin/tsc", "-p", "webview/tsconfig.json")),
      ),
    },
  ],
  [{ name: "bundles", run: () => vitest("bundles", ["test/bundles"]) }],
  [{ name: "unit", run: () => vitest("unit", ["test/unit", "test/rules", "test/families", "test/fuzz", "test/formats", "test/protocol"]) }],
  [{ name: "reference", run: () => vitest("reference", ["test/reference"]) }],
  [{ name: "providers", run: () => withVulkan((env) => vitest("providers", ["test/providers"], env)) }],
  [{ name: "extension host", run: () => inWorkbench(() => counted("suite", ...node("test/e2e/suite.mjs", "REPORT"), same)) }],
  [{ name: "browser", run: () => inWorkbench(() => counted("browser", ...node("test/e2e/e2e.mjs", "REPORT"), same)) }],
];
