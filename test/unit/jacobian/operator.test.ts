import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { prepare } from "../../../src/jacobian/network.ts";
import { jacobianOperator } from "../../../src/jacobian/operator.ts";
import { Products } from "../../../src/jacobian/products.ts";
import type { Executor } from "../../../src/onnx/trace.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { furthest } from "../linalg/support.ts";
import { drawnBatches, mlp } from "./models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const SAMPLES = 7;

/** A runtime that counts the graphs it loads. */
const counting = (): { readonly executor: Executor; loaded: () => number } => {
  const runtime = openRuntime("cpu", 1);
  let loaded = 0;
  return { executor: { ...runtime, load: (...given) => { loaded++; return runtime.load(...given); } }, loaded: () => loaded };
};

describe(`products with J as an operator (seed ${SEED})`, () => {
  it("are the same for any number of vectors together as for each alone, and three graphs either way do for all", async () => {
    const model = mlp(SEED);
    const { executor, loaded } = counting();
    const batches = drawnBatches(SEED, SAMPLES, model.graph.inputs[0]!.shape!.slice(1) as number[]);
    const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
    const network = await prepare(executor, model, names, batches, 3);
    const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
    const products = new Products(executor, network);
    const operator = jacobianOperator(products, weights, { batches, samples: SAMPLES });
    const draw = random(SEED, "vectors");
    const ways = [
      { length: operator.columns, apply: (block: Float64Array, count: number) => operator.apply(block, count) },
      { length: operator.rows, apply: (block: Float64Array, count: number) => operator.applyTransposed(block, count) },
    ];
    for (const { length, apply } of ways) for (const count of [1, 3, 6]) await apply(new Float64Array(count * length), count);
    const three = loaded();
    for (const { length, apply } of ways) {
      const block = draw.normals(11 * length);
      const alone = Float64Array.from((await Promise.all(Array.from({ length: 11 }, (_, j) => apply(block.subarray(j * length, (j + 1) * length), 1)))).flatMap((x) => Array.from(x)));
      for (let count = 2; count <= 11; count++) {
        const found = await apply(block.subarray(0, count * length), count);
        expect(found).toHaveLength((count * alone.length) / 11);
        expect(furthest(found, alone.subarray(0, found.length)), `${count} vectors`).toBeLessThan(1e-5 * alone.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
      }
    }
    expect(loaded()).toBe(three);
    await products.dispose();
  });
});
