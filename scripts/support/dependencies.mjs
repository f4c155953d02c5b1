/** The npm packages of this repository, installed when they are not what package-lock.json says. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { must, ROOT } from "./run.mjs";

/** @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), "utf8")).packages;
  } catch {
    return undefined;
  }
};

/** npm writes node_modules/.package-lock.json last: what it lists is there. Packages for other platforms may be absent. */
const installed = () => {
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules/.package-lock.json");
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([name, { version, optional }]) => name === "" || optional || present[name]?.version === version);
};

/**
 * No install script runs: esbuild's only saves a start-up step, and onnxruntime-node's fetches CUDA libraries from outside the
 * registry (its CPU library is in the package).
 */
export const ensureDependencies = async () => {
  if (installed()) return;
  console.log("Installing npm packages…");
  const own = process.env.npm_execpath ?? ""; // the npm that runs us, unless it is another package manager
  const [command, ...first] = own.endsWith("npm-cli.js") ? [process.execPath, own] : [process.platform === "win32" ? "npm.cmd" : "npm"];
  await must(command, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { quiet: true, env: { ONNXRUNTIME_NODE_INSTALL: "skip" } });
};

/** Dependencies, then dist/. Prints nothing when there is nothing to say. */
export const ensureBuilt = async () => {
  await ensureDependencies();
  await must(process.execPath, [path.join(ROOT, "scripts/build.mjs")], { quiet: true });
};
