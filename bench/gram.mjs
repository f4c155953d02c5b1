/**
 * The Gram matrix JJᵀ of three networks beside functorch's vmap(jacrev) and the one-sample-at-a-time loop of PyTorch: same weights and data,
 * same run, in turn, medians. "cold" counts tracing, building the derivative graphs and creating sessions; "warm" only what a second
 * checkpoint costs. The share of ONNX Runtime's own float64 MatMul rate says how far the products are from the machine's limit.
 *   node bench/gram.mjs [--rounds 5] [--no-loop] [mlp resnet20 cnn]
 * Needs Debian's python3-torch and python3-numpy.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { load } from "./support/load.mjs";
import { median, startPython } from "./support/python.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "5" }, "no-loop": { type: "boolean", default: false } } });
const ROUNDS = Number(options.rounds);
const CASES = positionals.length > 0 ? positionals : ["mlp", "resnet20", "cnn"];

const lens = await load(`
  export { withDefaults } from "./src/analysis/defaults.ts"; export { openNetwork } from "./src/analysis/open-network.ts"; export { gramProgram } from "./src/analysis/methods/plain-gram.ts"; export { tileEdge } from "./src/analysis/run-sizes.ts"; export { cotangentsOf } from "./src/analysis/cotangents.ts";
  export { compileGram } from "./src/jacobian/gram.ts"; export { silent } from "./src/core/progress.ts"; export { writeNpyFile } from "./src/data/write-npy.ts";
`);

const seconds = async (work) => {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
};

/** Model and data read, graphs written; `request` is what a Gram computation is given. */
const prepare = async (folder, name) => {
  const request = lens.withDefaults({ model: path.join(folder, `${name}.onnx`), data: path.join(folder, `${name}.npz`), memory: 16 * 2 ** 30 });
  const open = await lens.openNetwork(request, undefined);
  const edge = lens.tileEdge(open.network.outputs, open.samples);
  const program = await lens.gramProgram({ open, request });
  await open.dispose();
  return { open, request: { executor: open.runtime, program, weights: open.weights, batches: open.batches, cotangents: lens.cotangentsOf("l2"), samples: open.samples, edge, memory: request.memory, progress: lens.silent } };
};

const folder = mkdtempSync(path.join(tmpdir(), "lens-bench-"));
const torch = await startPython("gram.py", "python3-torch python3-numpy");
try {
  await torch.ask(`export ${folder}`);
  console.log(`PyTorch ${torch.facts.torch}, ${torch.facts.threads} threads; medians of ${ROUNDS}\n`);
  console.log("case       n·K       p   functorch s   loop s   cold s   ratio   warm s   ratio   distance");
  for (const name of CASES) {
    const times = { functorch: [], cold: [], warm: [] };
    let facts;
    for (let round = 0; round < ROUNDS; round++) {
      times.functorch.push((await torch.ask(`gram ${name}`)).seconds);
      const cold = await seconds(async () => {
        const network = await prepare(folder, name);
        const compiled = lens.compileGram(network.request);
        return { network, compiled, found: await compiled.run(network.request) };
      });
      times.cold.push(cold.seconds);
      const { network, compiled, found } = cold.value;
      times.warm.push((await seconds(() => compiled.run(network.request))).seconds);
      await compiled.dispose();
      facts = { size: found.size, matrix: found.matrix, parameters: network.open.choices.reduce((s, c) => s + (c.chosen ? c.count : 0), 0) };
    }
    const file = path.join(folder, `${name}.npy`);
    await lens.writeNpyFile(file, { dtype: "float64", shape: [facts.size, facts.size], data: facts.matrix });
    const { distance } = await torch.ask(`compare ${name} ${file}`);
    const loop = options["no-loop"] ? NaN : (await torch.ask(`loop ${name}`)).seconds;
    const [f, c, w] = [median(times.functorch), median(times.cold), median(times.warm)];
    const cell = (value, width, digits = 2) => value.toFixed(digits).padStart(width);
    console.log(`${name.padEnd(9)}${String(facts.size).padStart(5)}${String(facts.parameters).padStart(8)}${cell(f, 14)}${cell(loop, 9)}${cell(c, 9)}${cell(f / c, 7, 1)}×${cell(w, 8)}${cell(f / w, 7, 1)}×   ${distance.toExponential(1)}`);
  }
} finally {
  torch.stop();
  rmSync(folder, { recursive: true, force: true });
}
