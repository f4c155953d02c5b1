import { describe, expect, it } from "vitest";
import { factorProgram } from "../../../src/jacobian/factor-program.ts";
import { prepare } from "../../../src/jacobian/network.ts";
import { rowNorms } from "../../../src/jacobian/row-norms.ts";
import { unitCotangents } from "../../../src/jacobian/unit-cotangents.ts";
import type { Executor } from "../../../src/onnx/executor.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { readModel } from "../../../src/onnx/read.ts";
import { capabilitiesOf } from "../../../src/runtime/capabilities.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import type { ProviderName } from "../../../src/runtime/session.ts";
import { cnn, drawnBatches, merged, mixing, mlp, softmaxWeight, tied, words } from "./models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const SAMPLES = 7;
const BATCH = 3;
const cpu = openRuntime("cpu", 1);

/** TensorProto.DataType.DOUBLE, as Cast names it. */
const DOUBLE = 11n;

interface Placed {
  readonly purposes: Set<string>;
  /** Casts to float64 in the graphs of the device. */
  doubles: number;
}

/** What a provider can do, computed by the CPU; what was placed where is written down. */
const standIn = (provider: ProviderName): Executor & { readonly placed: Placed } => {
  const placed: Placed = { purposes: new Set(), doubles: 0 };
  return {
    placed, capabilities: capabilitiesOf(provider),
    load: (model, options = {}) => {
      if (options.purpose !== undefined) placed.purposes.add(options.purpose);
      const { nodes } = readModel(model, "a graph").graph;
      if (options.place !== "host") placed.doubles += nodes.filter(({ op, attributes }) => op === "Cast" && attributes.to?.value === DOUBLE).length;
      return cpu.load(model, options);
    },
  };
};

const compute = async (provider: ProviderName, model: Model, together: number) => {
  const executor = standIn(provider);
  const batches = drawnBatches(SEED, SAMPLES, model.graph.inputs[0]!.shape!.slice(1) as number[]);
  const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const narrow = await prepare(executor, model, names, batches, BATCH);
  const wide = together === 1 ? narrow : await prepare(executor, model, names, batches, BATCH * narrow.outputs);
  const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  const program = factorProgram(narrow, wide, SAMPLES);
  executor.placed.doubles = 0;
  const { rows, blocks } = await rowNorms({ executor, program, weights, batches, cotangents: unitCotangents, samples: SAMPLES });
  return { rows, sums: Float64Array.from(blocks, (block) => block.squaredNorm), forms: program.blocks.map(({ form }) => form), placed: executor.placed };
};

const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b);

const MODELS: readonly (readonly [string, (seed: number) => Model])[] = [["mlp", mlp], ["cnn", cnn], ["tied", tied], ["softmaxWeight", softmaxWeight], ["mixing", mixing], ["merged", merged], ["words", words]];

describe(`squared norms of the rows of J (seed ${SEED})`, () => {
  it.each(MODELS)("are the same on a device without float64, which none of its graphs asks for: %s", async (_, make) => {
    for (const together of [1, Infinity]) {
      const wanted = await compute("cpu", make(SEED), together);
      const found = await compute("webgpu", make(SEED), together);
      expect(distance(found.rows, wanted.rows)).toBeLessThan(1e-6);
      expect(distance(found.sums, wanted.sums)).toBeLessThan(1e-6);
      expect(found.placed.doubles).toBe(0);
      expect([...found.placed.purposes]).toEqual(found.forms.length === 0 ? [] : ["squared norms of gradients, in float64"]);
    }
  });

  it("are taken in the graph of the gradients where the device has float64", async () => {
    const { placed } = await compute("cuda", cnn(SEED), Infinity);
    expect(placed.doubles).toBeGreaterThan(0);
    expect([...placed.purposes]).toEqual([]);
  });
});
