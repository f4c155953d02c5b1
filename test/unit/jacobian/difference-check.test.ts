import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { widenTensor } from "../../../src/autodiff/double.ts";
import { finiteDifferenceCheck, type Precise } from "../../../src/jacobian/difference-check.ts";
import { openNetworkSource, prepare, type Batches } from "../../../src/jacobian/network.ts";
import { type Direction, Products, type Samples } from "../../../src/jacobian/products.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { drawnBatches, ModelMaker } from "./models.ts";

const runtime = openRuntime("cpu", 1);
const SAMPLES = 6;

/** A perceptron 9-24-3 on data of the given size, ready to be checked. */
const prepared = async (activation: string, seed: number, size: number) => {
  const m = new ModelMaker(seed, [9]);
  const hidden = m.call(activation, [m.call("MatMul", ["x", m.weight("w", [9, 24], 0.3)])]);
  const model = m.finish(m.call("MatMul", [hidden, m.weight("v", [24, 3], 0.2)]));
  const drawn = drawnBatches(seed, SAMPLES, [9]);
  const batches: Batches = (from, count) => { const x = drawn(from, count); return float32(x.shape, Float32Array.from(x.data as Float32Array, (value) => value * size)); };
  const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const network = await prepare(runtime, model, names, batches, SAMPLES);
  const weights: Record<string, Tensor> = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  const precise = async (): Promise<Precise> => {
    const source = await openNetworkSource(runtime, model, names, batches, "double");
    const wide = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, widenTensor(tensor)]));
    return { products: new Products(runtime, await source.at(SAMPLES)), weights: wide, batches: (from, count) => widenTensor(batches(from, count)) };
  };
  return { products: new Products(runtime, network), weights, batches, precise };
};

type Prepared = Awaited<ReturnType<typeof prepared>>;

const data = ({ batches }: Prepared): Samples => ({ batches, samples: SAMPLES });

/** The same, with a rule for J·v that is wrong by a factor. */
const wrong = ({ products }: Prepared, factor: number) => ({
  network: products.network,
  outputs: (...given: Parameters<Products["outputs"]>) => products.outputs(...given),
  jvp: async (...given: Parameters<Products["jvp"]>) => (await products.jvp(...given)).map((value) => factor * value),
});

const none = (): Promise<null> => Promise.resolve(null);

describe("J·v against differences of the network", () => {
  it.each(["Relu", "Tanh"])("passes for right rules, and fails for wrong ones in every direction and in float64 (%s)", async (activation) => {
    for (let seed = 1; seed <= 5; seed++) {
      const own = await prepared(activation, seed, 1);
      expect(await finiteDifferenceCheck(own.products, own.weights, data(own), random(seed, "checks"), own.precise)).toMatchObject({ passed: true });
      for (const factor of [1.3, -1, 0.5]) expect(await finiteDifferenceCheck(wrong(own, factor), own.weights, data(own), random(seed, "checks"), own.precise), String(factor)).toMatchObject({ passed: false });
    }
  });

  it("tries other directions where the network has kinks, and keeps the one nearest to its tolerance", async () => {
    const own = await prepared("Relu", 3, 1);
    const directions: Direction[] = [];
    // The first direction is answered wrongly, as where its step crosses a kink.
    const crossing = { ...wrong(own, 1), jvp: async (...given: Parameters<Products["jvp"]>) => { directions.push(given[2]); return (await own.products.jvp(...given)).map((value) => (directions.length === 1 ? 1.2 : 1) * value); } };
    expect(await finiteDifferenceCheck(crossing, own.weights, data(own), random(3, "checks"), none)).toMatchObject({ passed: true });
    expect(directions).toHaveLength(2);
  });

  it.each([1e3, 1e10])("has a tolerance of 0.21 at most on data of size %d, where units are saturated: right rules pass, wrong ones do not", async (size) => {
    for (let seed = 1; seed <= 5; seed++) {
      const own = await prepared("Tanh", seed, size);
      const right = await finiteDifferenceCheck(own.products, own.weights, data(own), random(seed, "checks"), own.precise);
      expect(right, `seed ${seed}`).toMatchObject({ passed: true });
      expect(right!.tolerance).toBeLessThanOrEqual(0.21);
      expect(await finiteDifferenceCheck(wrong(own, 1.5), own.weights, data(own), random(seed, "checks"), own.precise), `seed ${seed}`).toMatchObject({ passed: false });
    }
  });

  it("says nothing where no step is short enough", async () => {
    const own = await prepared("Tanh", 1, 1);
    const draws = random(1, "noise");
    const noisy = { ...wrong(own, 1), outputs: (): Promise<Float64Array> => Promise.resolve(draws.normals(SAMPLES * 3)) };
    expect(await finiteDifferenceCheck(noisy, own.weights, data(own), random(1, "checks"), none)).toBeNull();
  });
});
