/**
 * One case of bench/growth.mjs in a process of its own, so that its peak memory is its own:
 *   node bench/support/growth-case.mjs '{"what": "gram" | "krylov", "network": "perceptron" | "convolutional", "arguments": […], "samples": n, "rounds": r}'
 * Prints JSON: { rows, parameters, seconds (median of the rounds after a first one), peak, before } with resident bytes at their highest
 * and before the network is opened.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { coldGram } from "./gram-case.mjs";
import { load } from "./load.mjs";
import { convolutional, perceptron, writeCase } from "./made.mjs";
import { median } from "./python.mjs";
import { timed } from "./timed.mjs";

const LEADING = 20;
const TOLERANCE = 1e-4;
const BLOCK = 8;

const request = JSON.parse(process.argv[2]);

const gram = async (folder) => {
  const { parameters, request: own, compiled, found: { size: rows } } = await coldGram(folder, "case");
  return { rows, parameters, run: () => compiled.run(own), dispose: () => compiled.dispose() };
};

/** The leading triplets from products alone. */
const krylov = async (folder) => {
  const lens = await load(`
    export { withDefaults } from "./src/analysis/defaults.ts"; export { openNetwork } from "./src/analysis/open-network.ts"; export { leadingTriplets } from "./src/spectrum/krylov.ts";
    export { Products } from "./src/jacobian/products.ts"; export { jacobianOperator } from "./src/jacobian/operator.ts";
  `);
  const open = await lens.openNetwork(lens.withDefaults({ model: path.join(folder, "case.onnx"), data: path.join(folder, "case.npz") }), undefined);
  const products = new lens.Products(open.runtime, open.network);
  const operator = lens.jacobianOperator(products, open.weights, { batches: open.batches, samples: open.samples });
  const run = () => lens.leadingTriplets(operator, LEADING, { tolerance: TOLERANCE, block: BLOCK, seed: 1 });
  await run();
  return { rows: operator.rows, parameters: operator.columns, run, dispose: async () => { await products.dispose(); await open.dispose(); } };
};

const folder = mkdtempSync(path.join(tmpdir(), "lens-growth-"));
try {
  writeCase(folder, "case", { perceptron, convolutional }[request.network](...request.arguments), request.samples);
  const before = process.memoryUsage.rss();
  const { rows, parameters, run, dispose } = await { gram, krylov }[request.what](folder);
  const seconds = [];
  for (let i = 0; i < request.rounds; i++) seconds.push((await timed(run)).seconds);
  await dispose();
  console.log(JSON.stringify({ rows, parameters, seconds: median(seconds), peak: process.resourceUsage().maxRSS * 1024, before }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
