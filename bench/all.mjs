/**
 * Runs every script of this folder, one after the other, and prints their tables; then which of them missed what they hold themselves to.
 *   node bench/all.mjs [--rounds 5] [name …]       (all when none is named; npm run build first, for memory.mjs)
 * `--rounds` goes to the scripts that take it. Takes half an hour, on a machine that does nothing else: its load is printed before each script.
 * Exit status 1 when a script ended with another status than 0.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const SELF = path.basename(fileURLToPath(import.meta.url));

const { values: { rounds }, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } });

const scripts = readdirSync(FOLDER).filter((file) => file.endsWith(".mjs") && file !== SELF).sort();
const unknown = positionals.filter((name) => !scripts.includes(`${name}.mjs`));
if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(", ")}; there are ${scripts.map((file) => path.parse(file).name).join(", ")}`);

const takesRounds = (file) => readFileSync(file, "utf8").includes("rounds: { type:");

const run = (script) => {
  const file = path.join(FOLDER, script);
  console.log(`\n## ${path.parse(script).name}   (load ${loadavg()[0].toFixed(1)} before it)\n`);
  const { status } = spawnSync(process.execPath, [file, ...(rounds !== undefined && takesRounds(file) ? ["--rounds", rounds] : [])], { stdio: "inherit" });
  return { script, status };
};

console.log(`Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}`);
const ended = scripts.filter((script) => positionals.length === 0 || positionals.includes(path.parse(script).name)).map(run);
const missed = ended.filter(({ status }) => status !== 0);
console.log(missed.length === 0 ? `\nall ${ended.length} scripts met what they hold themselves to` : `\nmissed: ${missed.map(({ script, status }) => `${script} (status ${status})`).join(", ")}`);
process.exitCode = missed.length === 0 ? 0 : 1;
