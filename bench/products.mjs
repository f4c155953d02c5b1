/**
 * A block of 8 products J·(Jᵀ·U), as block Krylov takes them, on ResNet-20 in units of PyTorch's gradient of ½‖f‖² over the same batch: same
 * weights and data, same run, in turn, medians. "first" counts writing and loading the graphs of both products. Jᵀ·f is held against PyTorch's
 * gradient of every parameter. With --threads 1 the ratio of processor times holds on a busy machine as well: threads that wait spin.
 *   node bench/products.mjs [--rounds 7] [--samples 64] [--vectors 8] [--threads 2] [resnet20]
 * Needs Debian's python3-torch and python3-numpy. Exit status 1 when Jᵀ·f is not the gradient, or a product costs more than 2.5 of them.
 */
import "./support/as-computing.mjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { load } from "./support/load.mjs";
import { median, startPython } from "./support/python.mjs";
import { fixed, heading, row } from "./support/table.mjs";
import { timed } from "./support/timed.mjs";

const { values: options, positionals: [name = "resnet20"] } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "7" }, samples: { type: "string", default: "64" }, vectors: { type: "string", default: "8" }, threads: { type: "string", default: "2" } } });
const [ROUNDS, SAMPLES, VECTORS, THREADS] = [options.rounds, options.samples, options.vectors, options.threads].map(Number);
const GOAL = 2.5;
const LARGEST_DISTANCE = 1e-4;

const lens = await load(`
  export { withDefaults } from "./src/analysis/defaults.ts"; export { openNetwork, exactNames } from "./src/analysis/open-network.ts"; export { readArrays } from "./src/analysis/array-files.ts";
  export { Products } from "./src/jacobian/products.ts"; export { restrictedTo } from "./src/jacobian/network.ts"; export { jacobianOperator } from "./src/jacobian/operator.ts"; export { random } from "./src/core/random.ts"; export { openRuntime } from "./src/runtime/ort.ts";
`);

/** Largest relative distance of a parameter's part of Jᵀ·f from PyTorch's gradient. */
const distanceOf = async (products, open, data, file) => {
  const found = await products.vjp(open.weights, data, await products.outputs(open.weights, data));
  const expected = await lens.readArrays(file);
  const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Math.max(...products.network.lowered.parameters.map((parameter, i) => {
    const theirs = Float64Array.from(expected[parameter.name].data);
    return norm(theirs.map((value, e) => value - found[i][e])) / norm(theirs);
  }));
};

const measure = async (torch, folder) => {
  const file = (own) => path.join(folder, own);
  await torch.ask(`threads ${THREADS}`);
  await torch.ask(`export ${folder}`);
  await torch.ask(`batch ${name} ${SAMPLES} ${file("batch.npz")}`);
  await torch.ask(`keep ${name} ${file("gradient.npz")}`);
  const open = await lens.openNetwork(lens.withDefaults({ model: file(`${name}.onnx`), data: file("batch.npz") }), undefined, undefined, async () => ({ runtime: lens.openRuntime("cpu", THREADS), adapter: null, refused: [] }));
  const data = { batches: open.batches, samples: open.samples };
  const products = new lens.Products(open.runtime, lens.restrictedTo(open.network, lens.exactNames(open)));
  try {
    const operator = lens.jacobianOperator(products, open.weights, data);
    const u = lens.random(1, "cotangents").normals(operator.rows * VECTORS);
    const times = { gradient: [], back: [], forth: [], both: [], processor: [] };
    const block = async () => {
      const back = await timed(() => operator.applyTransposed(u, VECTORS));
      const forth = await timed(() => operator.apply(back.value, VECTORS));
      return { back: back.seconds, forth: forth.seconds, both: back.seconds + forth.seconds, processor: back.processor + forth.processor };
    };
    const first = await block();
    for (let i = 0; i < ROUNDS; i++) {
      const theirs = await torch.ask(`gradient ${name}`);
      const { processor, ...seconds } = await block();
      times.gradient.push(theirs.seconds);
      times.processor.push(processor / VECTORS / theirs.processor);
      for (const [part, value] of Object.entries(seconds)) times[part].push(value);
    }
    const each = (part) => median(times[part]) / VECTORS;
    return { first: first.both, gradient: median(times.gradient), back: each("back"), forth: each("forth"), both: each("both"), processor: median(times.processor), distance: await distanceOf(products, open, data, file("gradient.npz")) };
  } finally {
    await products.dispose();
    await open.dispose();
  }
};

const folder = mkdtempSync(path.join(tmpdir(), "lens-products-"));
const torch = await startPython("gram.py", "python3-torch python3-numpy");
try {
  console.log(`PyTorch ${torch.facts.torch}, ${THREADS === 1 ? "one thread" : `${THREADS} threads`} each; medians of ${ROUNDS}; seconds for one vector of a block of ${VECTORS}\n`);
  console.log(heading("network", "samples", "gradient s", "Jᵀ·u s", "J·v s", "both s", "in gradients", "of processor time", "goal", "first block s", "distance of Jᵀ·f"));
  const m = await measure(torch, folder);
  const ratio = m.both / m.gradient;
  console.log(row(name, SAMPLES, fixed(m.gradient, 3), fixed(m.back, 3), fixed(m.forth, 3), fixed(m.both, 3), fixed(ratio), fixed(m.processor), `≤ ${GOAL}`, fixed(m.first), m.distance.toExponential(1)));
  if (ratio > GOAL || !(m.distance < LARGEST_DISTANCE)) process.exitCode = 1;
} finally {
  torch.stop();
  rmSync(folder, { recursive: true, force: true });
}
