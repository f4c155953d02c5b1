/**
 * The Gram matrix JJᵀ of a perceptron beside @jax-js/jax (MIT), the other automatic differentiation for JavaScript: same weights and data, same
 * process, in turn, medians; of jax-js the faster of plain calls and jit, after one run of each. It uses one thread in Node, so ours is timed
 * with one as well. jax-js is no dependency: it is installed from the npm registry into a temporary folder, which is removed afterwards.
 *   node bench/jax.mjs [--rounds 5] [--widths 64,100,10] [--samples 200]
 * Exit status 1 when the matrices differ by more than float32 allows.
 */
import "./support/as-computing.mjs";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { coldGram } from "./support/gram-case.mjs";
import { jaxGram } from "./support/jax-gram.mjs";
import { perceptron, writeCase } from "./support/made.mjs";
import { median } from "./support/python.mjs";
import { fixed, heading, row } from "./support/table.mjs";
import { timed } from "./support/timed.mjs";

const PEER = "@jax-js/jax@0.1.25";
const LARGEST_DISTANCE = 1e-5;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "5" }, widths: { type: "string", default: "64,100,10" }, samples: { type: "string", default: "200" } } });
const [ROUNDS, SAMPLES] = [Number(options.rounds), Number(options.samples)];
const WIDTHS = options.widths.split(",").map(Number);

const install = async (folder) => {
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, PEER], { cwd: folder, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
  return import(pathToFileURL(createRequire(path.join(folder, "anchor.js")).resolve("@jax-js/jax")).href);
};

const distanceOf = (a, b) => {
  const [difference, norm] = a.reduce(([d, n], value, i) => [d + (value - b[i]) ** 2, n + b[i] ** 2], [0, 0]);
  return Math.sqrt(difference / norm);
};

const measure = async (folder, jax) => {
  const { x, weights } = writeCase(folder, "mlp", perceptron(WIDTHS), SAMPLES);
  const layers = WIDTHS.slice(1).map((_, i) => ({ weight: weights[`layer${i}.weight`], bias: weights[`layer${i}.bias`] }));
  const { device, variants } = jaxGram(jax, layers, x);
  const one = await coldGram(folder, "mlp", 1);
  const all = await coldGram(folder, "mlp");
  const times = { cold: [], one: [], all: [] };
  const [first, theirs] = [{}, {}];
  let matrix;
  for (const [name, run] of Object.entries(variants)) first[name] = (await timed(run)).seconds;
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, run] of Object.entries(variants)) {
      const found = await timed(run);
      (theirs[name] ??= []).push(found.seconds);
      matrix = found.value;
    }
    const cold = await timed(() => coldGram(folder, "mlp"));
    await cold.value.compiled.dispose();
    times.cold.push(cold.seconds);
    times.one.push((await timed(() => one.compiled.run(one.request))).seconds);
    times.all.push((await timed(() => all.compiled.run(all.request))).seconds);
  }
  for (const own of [one, all]) await own.compiled.dispose();
  const [best] = Object.keys(theirs).sort((a, b) => median(theirs[a]) - median(theirs[b]));
  const { size, matrix: ours } = all.found;
  return { device, best, size, parameters: all.parameters, first: first[best], jax: median(theirs[best]), cold: median(times.cold), one: median(times.one), all: median(times.all), distance: distanceOf(matrix, ours) };
};

const folder = mkdtempSync(path.join(tmpdir(), "lens-jax-"));
try {
  const m = await measure(folder, await install(folder));
  console.log(`${PEER}, device ${m.device}, ${m.best}; Node ${process.version}; medians of ${ROUNDS}\n`);
  console.log(heading("perceptron", "nK", "p", "jax-js first s", "jax-js s", "cold s", "faster", "warm, one thread s", "faster", "warm s", "faster", "distance"));
  const faster = (seconds) => `${fixed(m.jax / seconds, 1)}×`;
  console.log(row(WIDTHS.join("-"), m.size, m.parameters, fixed(m.first), fixed(m.jax), fixed(m.cold), faster(m.cold), fixed(m.one, 3), faster(m.one), fixed(m.all, 3), faster(m.all), m.distance.toExponential(1)));
  if (!(m.distance < LARGEST_DISTANCE)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
