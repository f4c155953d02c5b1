import { describe, expect, it } from "vitest";
import { silent } from "../../../src/core/progress.ts";
import { float32, sizeOf, type Tensor } from "../../../src/core/tensor.ts";
import { gramFlops } from "../../../src/jacobian/cost/gram-cost.ts";
import { factorProgram } from "../../../src/jacobian/factor-program.ts";
import { gram, type Gram } from "../../../src/jacobian/gram.ts";
import { factorBytes } from "../../../src/jacobian/tile-blocks.ts";
import { type Network, prepare } from "../../../src/jacobian/network.ts";
import { Products } from "../../../src/jacobian/products.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { cnn, drawnBatches, merged, mixing, mlp, ModelMaker, positiveWeight, softmaxWeight, tied, words } from "./models.ts";

const runtime = openRuntime("cpu", 1);
const SEED = Math.floor(Math.random() * 2 ** 31);

const oneHot = (outputs: Tensor, k: number, together: number): Tensor => {
  const [batch = 1] = outputs.shape;
  const width = sizeOf(outputs.shape) / batch;
  return float32([batch * together, width], Float32Array.from({ length: batch * together * width }, (_, i) => (i % width === k + (Math.floor(i / width) % together) ? 1 : 0)));
};

interface Setting {
  readonly samples: number;
  readonly batch: number;
  readonly edge: number;
  readonly memory?: number;
  /** Cotangents of a sample in one run; all K when absent. */
  readonly together?: number;
}

const open = async (model: Model, { samples, batch, together }: Setting) => {
  const batches = drawnBatches(SEED, samples, model.graph.inputs[0]!.shape!.slice(1) as number[]);
  const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const network = await prepare(runtime, model, names, batches, batch);
  const wide = together === 1 ? network : await prepare(runtime, model, names, batches, batch * (together ?? network.outputs));
  const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  return { batches, network, wide, weights };
};

const compute = async (model: Model, setting: Setting): Promise<{ found: Gram; forms: readonly string[]; solo: readonly string[] }> => {
  const { batches, network, wide, weights } = await open(model, setting);
  const program = factorProgram(network, wide, setting.samples);
  const memory = setting.memory ?? 2 ** 30;
  const found = await gram({ executor: runtime, program, weights, batches, cotangents: oneHot, samples: setting.samples, edge: setting.edge, memory, progress: silent });
  return { found, forms: program.blocks.map((b) => b.form), solo: program.solo.map((s) => s.parameter.name) };
};

/** JJᵀ from one reverse-mode product for each row: the definition. */
const byRows = async (model: Model, setting: Setting): Promise<Float64Array> => {
  const { batches, network, weights } = await open(model, setting);
  const products = new Products(runtime, network);
  const size = setting.samples * network.outputs;
  const rows: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    const u = new Float64Array(size);
    u[i] = 1;
    rows.push(Float64Array.from((await products.vjp(weights, { batches, samples: setting.samples }, u)).flatMap((g) => Array.from(g))));
  }
  await products.dispose();
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) matrix[i * size + j] = rows[i]!.reduce((sum, value, e) => sum + value * rows[j]![e]!, 0);
  return matrix;
};

/** The reports of a run, and the FLOPs that its program counts. */
const reportsOf = async (model: Model, setting: Setting) => {
  const { batches, network, wide, weights } = await open(model, setting);
  const program = factorProgram(network, wide, setting.samples);
  const reports: { readonly fraction: number; readonly label: string }[] = [];
  const progress = (fraction: number, label: string): void => { reports.push({ fraction, label }); };
  await gram({ executor: runtime, program, weights, batches, cotangents: oneHot, samples: setting.samples, edge: setting.edge, memory: setting.memory ?? 2 ** 30, progress });
  return { reports, flops: gramFlops(program) };
};

const relativeError = (a: Float64Array, b: Float64Array): number => Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]!) ** 2, 0) / b.reduce((s, v) => s + v * v, 0));

const MODELS: readonly { name: string; make: (seed: number) => Model }[] = [
  { name: "an MLP", make: mlp }, { name: "a CNN with stride and groups", make: cnn }, { name: "a tied weight", make: tied },
  { name: "a weight under an exponential", make: positiveWeight }, { name: "a weight under a softmax", make: softmaxWeight }, { name: "positions merged into the sample axis", make: merged }, { name: "a large embedding table", make: words },
];

describe(`the Gram matrix by structure (seed ${SEED})`, () => {
  it.each(MODELS)("of $name equals the rows' inner products within 2e-5", async ({ make }) => {
    const setting = { samples: 7, batch: 3, edge: 4 };
    const { found } = await compute(make(SEED), setting);
    expect(relativeError(found.matrix, await byRows(make(SEED), setting))).toBeLessThan(2e-5);
  });

  it("keeps the factors of a layer whose gradients take more, and writes them out a strip at a time", async () => {
    const m = new ModelMaker(SEED, [48, 6, 6]);
    const hidden = m.call("Tanh", [m.call("Conv", ["x", m.weight("w", [48, 48, 3, 3])], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })]);
    const model = m.finish(m.call("Gemm", [m.call("Flatten", [m.call("GlobalAveragePool", [hidden])]), m.weight("head", [48, 3])]));
    const { forms } = await compute(model, { samples: 5, batch: 2, edge: 3 });
    expect(forms).toEqual(expect.arrayContaining(["strips", "hadamard"]));
  });

  it("takes each layer in its cheapest form, and all three forms agree", async () => {
    const { forms } = await compute(cnn(SEED), { samples: 7, batch: 3, edge: 4 });
    expect(new Set(forms)).toEqual(new Set(["rows", "implicit", "hadamard"]));
  });

  it("compares words instead of writing gradients of a large table", async () => {
    const { forms } = await compute(words(SEED), { samples: 6, batch: 3, edge: 4 });
    expect(forms).toContain("lookup");
  });

  it("does not depend on batch, tile or memory", async () => {
    const whole = await compute(mlp(SEED), { samples: 10, batch: 10, edge: 10 });
    const { network, wide } = await open(mlp(SEED), { samples: 10, batch: 3, edge: 3 });
    const tight = 8 * 30 * 30 + 2 * 4 * factorBytes(factorProgram(network, wide, 10));
    const pieces = await compute(mlp(SEED), { samples: 10, batch: 3, edge: 3, memory: tight });
    expect(relativeError(pieces.found.matrix, whole.found.matrix)).toBeLessThan(1e-6);
    for (const together of [1, 2]) {
      const few = await compute(mlp(SEED), { samples: 10, batch: 4, edge: 5, together });
      expect(relativeError(few.found.matrix, whole.found.matrix)).toBeLessThan(1e-6);
    }
    pieces.found.blocks.forEach((block, i) => { expect(block.squaredNorm).toBeCloseTo(whole.found.blocks[i]!.squaredNorm, 4); });
  });

  it("refuses with the numbers when nothing fits the memory", async () => {
    await expect(compute(mlp(SEED), { samples: 10, batch: 3, edge: 3, memory: 4000 })).rejects.toMatchObject({ code: "MEMORY" });
  });

  it("gives each block's share of ‖J‖_F², which add up to the trace", async () => {
    const { found } = await compute(cnn(SEED), { samples: 6, batch: 6, edge: 6 });
    const trace = Array.from({ length: found.size }, (_, i) => found.matrix[i * found.size + i]!).reduce((a, b) => a + b, 0);
    expect(found.blocks.reduce((s, b) => s + b.squaredNorm, 0) / trace).toBeCloseTo(1, 6);
  });

  it("takes parameters without structure one sample at a time, by name", async () => {
    const { solo } = await compute(softmaxWeight(SEED), { samples: 5, batch: 1, edge: 5 });
    expect(solo).toEqual(["w"]);
  });

  it("finds the sample axis of every value, merged or not", async () => {
    const { network }: { network: Network } = await open(merged(SEED), { samples: 4, batch: 4, edge: 4 });
    const axes = network.lowered.program.steps.flatMap((step) => step.outputs.map((o) => network.axisOf(o)?.inner));
    expect(axes).toContain(4);
    expect(axes).toContain(1);
  });

  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    const { batches, network, wide, weights } = await open(mlp(SEED), { samples: 8, batch: 2, edge: 2 });
    const program = factorProgram(network, wide, 8);
    const progress = (): void => { controller.abort(); };
    await expect(gram({ executor: runtime, program, weights, batches, cotangents: oneHot, samples: 8, edge: 2, memory: 2 ** 30, progress, signal: controller.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("the checks at run time", () => {
  it("notice samples that mix", async () => {
    const { independenceCheck } = await import("../../../src/jacobian/checks.ts");
    const { batches, network, weights } = await open(mixing(SEED), { samples: 6, batch: 6, edge: 6 });
    const products = new Products(runtime, network);
    expect((await independenceCheck(products, weights, { batches, samples: 6 })).passed).toBe(false);
    await products.dispose();
  });
});

describe("the progress of a Gram matrix", () => {
  it("is that of the FLOPs done: collecting has its part, each tile its pairs of samples, and all of it is 1", async () => {
    const { reports, flops } = await reportsOf(mlp(SEED), { samples: 7, batch: 2, edge: 3 });
    const total = 7 * flops.sample + 34 * flops.pair;
    expect(reports.find(({ label }) => label === "per-sample gradients 7/7")?.fraction).toBeCloseTo((7 * flops.sample) / total, 12);
    // Tiles of 3, 3 and 1 samples a side: 9 + 9 + 3 + 9 + 3 + 1 pairs on and above the diagonal.
    const pairs = [9, 18, 21, 30, 33, 34];
    const tiles = reports.filter(({ label }) => label.startsWith("Gram tile"));
    expect(tiles.map(({ label }) => label)).toEqual(pairs.map((_, i) => `Gram tile ${i + 1}/6`));
    tiles.forEach(({ fraction }, i) => { expect(fraction).toBeCloseTo((7 * flops.sample + pairs[i]! * flops.pair) / total, 12); });
  });
});
