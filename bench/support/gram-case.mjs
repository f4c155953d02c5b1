import path from "node:path";
import { load } from "./load.mjs";
import { timed } from "./timed.mjs";

const lens = await load(`
  export { withDefaults } from "./src/analysis/defaults.ts"; export { openNetwork } from "./src/analysis/open-network.ts"; export { gramProgram } from "./src/analysis/methods/plain-gram.ts"; export { tileEdge } from "./src/analysis/run-sizes.ts"; export { cotangentsOf } from "./src/analysis/cotangents.ts";
  export { compileGram } from "./src/jacobian/gram.ts"; export { gramCost, productFlops, writtenFlops } from "./src/jacobian/cost/gram-cost.ts"; export { silent } from "./src/core/progress.ts"; export { openRuntime } from "./src/runtime/ort.ts";
`);

const MEMORY = 16 * 2 ** 30;

/** NAME.onnx and NAME.npz of a folder, read, with graphs written: the way of every analysis. `request` is what a Gram computation is given. */
export const prepareGram = async (folder, name, threads = 0) => {
  const choose = async () => ({ runtime: lens.openRuntime("cpu", threads), adapter: null, refused: [] });
  const request = lens.withDefaults({ model: path.join(folder, `${name}.onnx`), data: path.join(folder, `${name}.npz`), memory: MEMORY });
  const open = await lens.openNetwork(request, undefined, undefined, choose);
  const { runtime: executor, weights, batches, samples } = open;
  const program = await lens.gramProgram({ open, request });
  await open.dispose();
  const parameters = open.choices.reduce((sum, choice) => sum + (choice.chosen ? choice.count : 0), 0);
  return { parameters, request: { executor, program, weights, batches, samples, cotangents: lens.cotangentsOf("l2"), edge: lens.tileEdge(open.network.outputs, samples), memory: MEMORY, progress: lens.silent } };
};

/** From files to the matrix: `compiled` computes it again for other weights. `sessions`: seconds from the factors' graphs on, sessions and matrix. */
export const coldGram = async (folder, name, threads) => {
  const { parameters, request } = await prepareGram(folder, name, threads);
  const compiled = lens.compileGram(request);
  const { value: found, seconds: sessions } = await timed(() => compiled.run(request));
  return { parameters, request, compiled, found, sessions };
};

/**
 * FLOPs of matrix products and convolutions by the definition, in float32 and in float64 (factors of every sample, each entry on and above the
 * diagonal once): what is computed twice, or for samples that fill up a batch, does not count.
 */
export const flopsOfGram = ({ program, samples, edge }) => {
  const { network } = program;
  const { first, second, rounds } = lens.gramCost(program, samples, edge);
  const rows = samples * network.outputs;
  const [products, pairs] = [lens.productFlops(program), (rows * (rows + 1)) / 2 / network.outputs ** 2];
  return { single: (samples / network.batch) * (first.products.single + rounds * second.products.single) + samples * lens.writtenFlops(program) + products.single * pairs, double: products.double * pairs };
};
