import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root, without a trailing slash. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * Runs a program from the repository's root to its end and gives its exit status and output. `quiet`: nothing is shown unless it fails.
 * `capture`: nothing is shown at all. Signals of ours are not passed on: a terminal's Ctrl-C reaches the whole group by itself.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, capture?: boolean, env?: Record<string, string>, cwd?: string }} [options]
 * @returns {Promise<{ status: number, stdout: string, stderr: string, seconds: number }>}
 */
export const run = (command, args, { quiet = false, capture = false, env = {}, cwd = ROOT } = {}) =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const show = !quiet && !capture;
    const shell = process.platform === "win32" && /\.(cmd|bat)$/i.test(command);
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], shell });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text) => {
        texts[name] += text;
        if (show) process[name].write(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (quiet && code !== 0) process.stderr.write(texts.stdout + texts.stderr);
      resolve({ status: code ?? 1, ...texts, seconds: (performance.now() - start) / 1000 });
    });
  });

/** As run, but a program that fails is an error. */
export const must = async (command, args, options) => {
  const result = await run(command, args, options);
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} ended with status ${result.status}`);
  return result;
};
