import { describe, expect, it } from "vitest";
import { silent } from "../../../src/core/progress.ts";
import { factorProgram } from "../../../src/jacobian/factor-program.ts";
import type { Cotangents } from "../../../src/jacobian/factors.ts";
import { gram } from "../../../src/jacobian/gram.ts";
import { prepare } from "../../../src/jacobian/network.ts";
import { unitCotangents } from "../../../src/jacobian/unit-cotangents.ts";
import type { Executor, LoadOptions } from "../../../src/onnx/executor.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { capabilitiesOf } from "../../../src/runtime/capabilities.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import type { ProviderName } from "../../../src/runtime/session.ts";
import { cnn, drawnBatches } from "./models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const SAMPLES = 7;
const cpu = openRuntime("cpu", 1);

/** As any other product than JJᵀ: not one graph. */
const inStages: Cotangents = (outputs, k, together) => unitCotangents(outputs, k, together);

/** What a provider can do, computed by the CPU; where each graph was placed is written down. */
const standIn = (provider: ProviderName): Executor & { readonly placed: LoadOptions[] } => {
  const placed: LoadOptions[] = [];
  return {
    placed, capabilities: capabilitiesOf(provider),
    load: (model, options = {}) => {
      placed.push(options);
      return cpu.load(model, options);
    },
  };
};

const compute = async (provider: ProviderName, deviceMemory: number | undefined, cotangents: Cotangents) => {
  const model = cnn(SEED);
  const executor = standIn(provider);
  const batches = drawnBatches(SEED, SAMPLES, model.graph.inputs[0]!.shape!.slice(1) as number[]);
  const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const narrow = await prepare(executor, model, names, batches, 3);
  const wide = await prepare(executor, model, names, batches, 3 * narrow.outputs);
  const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  executor.placed.length = 0;
  const { matrix } = await gram({ executor, program: factorProgram(narrow, wide, SAMPLES), weights, batches, cotangents, samples: SAMPLES, edge: 4, memory: 2 ** 30, deviceMemory, progress: silent });
  return { matrix, graphs: executor.placed.length, onHost: executor.placed.filter(({ place }) => place === "host").length };
};

const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b);

describe(`products of gradients (seed ${SEED})`, async () => {
  const { matrix: wanted } = await compute("cpu", undefined, inStages);

  it.each([
    ["in one graph on a device with float64 and room", "cuda", 2 ** 30, unitCotangents, { graphs: 1, onHost: 0 }],
    ["tile by tile there, where another product is asked for", "cuda", 2 ** 30, inStages, { graphs: 5, onHost: 0 }],
    ["in the process, where the device has no room", "cuda", 2 ** 10, unitCotangents, { graphs: 5, onHost: 3 }],
    ["in the process, where nothing is known of its memory", "cuda", 0, inStages, { graphs: 5, onHost: 3 }],
    ["in the process, where the device has no float64", "webgpu", 2 ** 30, unitCotangents, { graphs: 5, onHost: 3 }],
  ] as const)("are taken %s", async (_, provider, memory, cotangents, placed) => {
    const { matrix, ...found } = await compute(provider, memory, cotangents);
    expect(found).toEqual(placed);
    expect(distance(matrix, wanted)).toBeLessThan(1e-6);
  });
});
