import { describe, expect, it } from "vitest";
import { cotangentsOf } from "../../../src/analysis/cotangents.ts";
import { silent } from "../../../src/core/progress.ts";
import { factorProgram } from "../../../src/jacobian/factor-program.ts";
import { prepare } from "../../../src/jacobian/network.ts";
import { Products } from "../../../src/jacobian/products.ts";
import { openRows, rowBytes, type RowsRequest } from "../../../src/jacobian/rows.ts";
import { gathered } from "../../../src/linalg/row-source.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { chooseParameters } from "../../../src/onnx/parameters.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { furthest } from "../linalg/support.ts";
import { cnn, drawnBatches, merged, mlp, positiveWeight, softmaxWeight, tied, words } from "./models.ts";

const runtime = openRuntime("cpu", 1);
const SEED = Math.floor(Math.random() * 2 ** 31);
const SAMPLES = 7;

const opened = async (model: Model, batch: number, together?: number): Promise<RowsRequest> => {
  const batches = drawnBatches(SEED, SAMPLES, model.graph.inputs[0]!.shape!.slice(1) as number[]);
  const names = chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const network = await prepare(runtime, model, names, batches, batch);
  const wide = together === 1 ? network : await prepare(runtime, model, names, batches, batch * (together ?? network.outputs));
  const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  return { executor: runtime, program: factorProgram(network, wide, SAMPLES, "rows"), weights, batches, cotangents: cotangentsOf("l2"), samples: SAMPLES, slice: 2 ** 20, keep: 0, progress: silent };
};

/** J from one reverse-mode product for each row: the definition. */
const byProducts = async ({ program, weights, batches }: RowsRequest): Promise<Float64Array> => {
  const products = new Products(runtime, program.network);
  const rows = SAMPLES * program.network.outputs;
  const all: number[] = [];
  for (let i = 0; i < rows; i++) {
    const u = new Float64Array(rows);
    u[i] = 1;
    for (const piece of await products.vjp(weights, { batches, samples: SAMPLES }, u)) all.push(...piece);
  }
  await products.dispose();
  return Float64Array.from(all);
};

const read = async (request: RowsRequest): Promise<Float64Array> => {
  const rows = await openRows(request);
  const all = await gathered(rows);
  await rows.dispose();
  return all;
};

describe(`the rows of J (seed ${SEED})`, () => {
  it.each([
    ["an MLP", mlp], ["a CNN with stride and groups", cnn], ["a tied weight", tied], ["a weight under an exponential", positiveWeight],
    ["a weight under a softmax", softmaxWeight], ["positions merged into the sample axis", merged], ["a table of words", words],
  ])("of %s are those of the products, entry by entry", async (_name, make: (seed: number) => Model) => {
    const request = await opened(make(SEED), 3);
    const expected = await byProducts(request);
    const found = await read(request);
    expect(found).toHaveLength(expected.length);
    expect(furthest(found, expected)).toBeLessThan(2e-5 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  });

  it("are the same in slices of any size, kept or computed anew, with any number of cotangents at once", async () => {
    const request = await opened(mlp(SEED), 3);
    const whole = await read(request);
    const one = rowBytes(request.program, 1);
    for (const slice of [2 * one, 5 * one, 13 * one]) expect(furthest(await read({ ...request, slice }), whole)).toBe(0);
    expect(furthest(await read(await opened(mlp(SEED), 2, 1)), whole)).toBeLessThan(1e-5);
    const kept = await openRows({ ...request, keep: rowBytes(request.program, SAMPLES) });
    const [first, second] = [await gathered(kept), await gathered(kept)];
    await kept.dispose();
    expect(furthest(first, whole)).toBe(0);
    expect(furthest(second, whole)).toBe(0);
  });

  it("are computed once where they are kept, and at each visit where not", async () => {
    const request = await opened(mlp(SEED), 3);
    const visits = async (keep: number): Promise<number> => {
      let runs = 0;
      const rows = await openRows({ ...request, keep, batches: (from, count) => (runs++, request.batches(from, count)) });
      for (let i = 0; i < 3; i++) await gathered(rows);
      await rows.dispose();
      return runs;
    };
    expect(await visits(0)).toBe(3 * (await visits(rowBytes(request.program, SAMPLES))));
  });

  it("are refused, with the numbers, where not one sample's fit, and for a table that is never written out", async () => {
    const request = await opened(mlp(SEED), 3);
    await expect(openRows({ ...request, slice: 10 })).rejects.toMatchObject({ code: "MEMORY" });
    await expect(opened(words(SEED, 400_000), 3)).rejects.toMatchObject({ code: "MEMORY", message: expect.stringContaining("table") as unknown });
  });
});
