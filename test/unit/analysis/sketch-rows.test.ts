import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import { sketchWay, type SketchWay } from "../../../src/analysis/methods/sketch-way.ts";
import { openNetwork } from "../../../src/analysis/open-network.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { ModelMaker } from "../jacobian/models.ts";
import { expectSketchOf } from "./expect-sketch.ts";
import { scratch } from "./model-files.ts";
import { expectedOf, largestDifference, reference, run } from "./support.ts";
import { writtenTo } from "./written-models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const folder = scratch();

const wayOf = async (request: AnalysisRequest, memory = 2 ** 32): Promise<SketchWay> => {
  const open = await openNetwork(withDefaults(request), undefined);
  try {
    const columns = open.choices.reduce((sum, choice) => sum + (choice.chosen ? choice.count : 0), 0);
    const rows = open.samples * open.network.outputs;
    return sketchWay(open, { rows, columns, wanted: 20, directions: Math.min(50, rows) }, memory);
  } finally {
    await open.dispose();
  }
};

/** A convolution whose weights are used often; with `numbered`, its outputs go through places that number the rows of the batch. */
const convolution = (numbered: boolean): Model => {
  const m = new ModelMaker(SEED, [1, 14, 14]);
  const first = m.call("Tanh", [m.call("Conv", ["x", m.weight("c1", [4, 1, 3, 3])], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] })]);
  const second = m.call("Tanh", [m.call("Conv", [first, m.weight("c2", [4, 4, 3, 3])], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] })]);
  const h = m.call("ReduceMean", [second], { axes: [2, 3], keepdims: 0 });
  if (!numbered) return m.finish(h);
  const count = m.call("Gather", [m.call("Shape", ["x"]), m.scalar("first", 0)], { axis: 0 });
  const rows = m.call("Unsqueeze", [m.call("Range", [m.scalar("from", 0), count, m.scalar("step", 1)]), m.ints("last", [1])]);
  const places = m.call("Concat", [rows, m.call("ArgMax", [h], { axis: 1, keepdims: 1 })], { axis: 1 });
  const updates = m.call("Squeeze", [m.call("Tanh", [m.call("MatMul", [h, m.weight("w", [4, 1])])]), m.ints("axis", [1])]);
  return m.finish(m.call("Tanh", [m.call("ScatterND", [h, places, updates])]));
};

describe(`--method sketch by the rows of J (seed ${SEED})`, () => {
  it("is chosen where weights are used often and outputs are few, products where gradients are long; FLOPs say why", async () => {
    const [convolutional, perceptron] = [await wayOf(reference("resnet20")), await wayOf(reference("mlp-relu"))];
    expect(convolutional).toMatchObject({ by: "rows", visits: 1, vectors: 4 * 50 + 2 * 20 });
    expect(convolutional.because).toMatch(/^per-sample gradients of 10 outputs serve all 50 directions: .* FLOPs and .* for projecting them, in place of .* for 240 products$/);
    expect(perceptron.by).toBe("products");
    expect(perceptron.because).toMatch(/^240 products take .* FLOPs; per-sample gradients would take .*, and projecting them [^ ]*$/);
  });

  it("is not where there is no room for it, and visits the rows again where they cannot be kept", async () => {
    const request = reference("resnet20");
    // 8·50·(3·120 + 4·269,722) bytes of vectors, a slice of 2²⁹ bytes, and 4·120·269,722 for J.
    const vectors = 8 * 50 * (3 * 120 + 4 * 269_722);
    expect(await wayOf(request, vectors)).toMatchObject({ by: "products", because: expect.stringContaining("there is no room for per-sample gradients") as string });
    expect(await wayOf(request, vectors + 2 ** 29 + 4 * 120 * 269_722 - 1)).toMatchObject({ by: "rows", visits: 6 });
    expect(await wayOf(request, vectors + 2 ** 29 + 4 * 120 * 269_722)).toMatchObject({ by: "rows", visits: 1 });
  });

  it("is right for the top of ResNet-20 within its error bars, said by the plan and marked as a preview", async () => {
    const sigma = await expectedOf("resnet20", "sigma");
    const found = await run(reference("resnet20", { method: "sketch", cutoff: { kind: "rank", value: 15 }, seed: SEED }));
    expect(found.method.plan?.methods.find(({ method }) => method === "sketch")?.returns).toContain("per-sample gradients of 10 outputs serve all");
    expectSketchOf(found, sigma);
  });

  it.each(["l2", "cross-entropy"] as const)("agrees with the Gram matrix of a convolution, energies included, with --loss %s", async (loss) => {
    const request = { ...writtenTo(folder, SEED, `convolution-${loss}`, convolution(false), 12, [1, 14, 14]), loss };
    const [sketch, exact] = [await run({ ...request, method: "sketch" }), await run({ ...request, method: "gram" })];
    expect(sketch.method.plan?.methods.find(({ method }) => method === "sketch")?.returns).toContain("per-sample gradients of 4 outputs");
    expect(largestDifference(sketch.singularValues.slice(0, 3), exact.singularValues)).toBeLessThan(1e-3 * exact.singularValues[0]!);
    expect(sketch.energy.residual!.information).toBeCloseTo(exact.energy.residual!.information, 2);
    expect(sketch.frobenius / exact.frobenius).toBeCloseTo(1, 5);
    sketch.layers!.forEach(({ name, share }) => { expect(share).toBeCloseTo(exact.layers!.find((l) => l.name === name)!.share, 5); });
  });

  it("goes back to products for a model that numbers the rows of its batch", async () => {
    const request = writtenTo(folder, SEED, "numbered", convolution(true), 12, [1, 14, 14]);
    const [sketch, exact] = [await run({ ...request, method: "sketch" }), await run({ ...request, method: "gram" })];
    expect(sketch.method.plan?.methods.find(({ method }) => method === "sketch")?.returns).toContain("per-sample gradients of 4 outputs");
    expect(largestDifference(sketch.singularValues.slice(0, 3), exact.singularValues)).toBeLessThan(1e-3 * exact.singularValues[0]!);
    // By rows there is one product more, which checks them.
    const [numbered, plain] = [sketch.method.products, (await run({ ...writtenTo(folder, SEED, "plain", convolution(false), 12, [1, 14, 14]), method: "sketch" })).method.products];
    expect([numbered % 2, plain % 2]).toEqual([0, 1]);
  });
});
