import { describe, expect, it } from "vitest";
import { flopsOf, forVectors, programCost } from "../../../../src/jacobian/cost/program-cost.ts";
import { productCosts } from "../../../../src/jacobian/cost/product-cost.ts";
import { gramCost } from "../../../../src/jacobian/cost/gram-cost.ts";
import { factorProgram } from "../../../../src/jacobian/factor-program.ts";
import { prepare } from "../../../../src/jacobian/network.ts";
import { GraphBuilder } from "../../../../src/onnx/builder.ts";
import { turns } from "../../../../src/onnx/control.ts";
import { openRuntime } from "../../../../src/runtime/ort.ts";
import { cnn, drawnBatches, mlp } from "../models.ts";

const runtime = openRuntime("cpu");
const network = async (model: ReturnType<typeof mlp>, shape: readonly number[], batch: number) => prepare(runtime, model, [...model.graph.initializers.values()].filter((i) => i.dtype === "float32").map((i) => i.name), drawnBatches(1, 8, shape), batch);

describe("the cost of a program", () => {
  it("of a dense layer is 2·m·n·k for its product and an entry each for bias and activation", () => {
    const g = new GraphBuilder();
    const product = g.matMul(g.input("x", "float32", [32, 100]), g.input("w", "float32", [100, 50]));
    const out = g.unary("Tanh", g.add(product, g.input("b", "float32", [50])));
    const cost = programCost(g.finish([out]));
    expect(cost.products).toEqual({ single: 2 * 32 * 100 * 50, double: 0 });
    expect(cost.entries).toBe(2 * 32 * 50);
    expect(flopsOf(cost)).toBe(2 * 32 * 100 * 50 + 2 * 32 * 50);
    expect(cost.moved).toBe(4 * (32 * 50 + 50 + 32 * 50) + 4 * 2 * 32 * 50);
    expect(cost.steps).toBe(3);
  });

  it("of a convolution is 2·n·out·h·w·(in/groups)·kernel, and of a transposed one the same with input and output exchanged", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float64", [4, 6, 12, 12]);
    const conv = g.op("Conv", [x, g.input("w", "float64", [8, 3, 3, 3])], [4, 8, 10, 10], "float64", { group: 2 });
    expect(programCost(g.finish([conv])).products).toEqual({ single: 0, double: 2 * 4 * 8 * 10 * 10 * 3 * 9 });
    const up = g.op("ConvTranspose", [conv, g.input("v", "float64", [8, 5, 3, 3])], [4, 5, 12, 12], "float64");
    expect(programCost({ steps: g.steps.slice(1), outputs: [up] }).products.double).toBe(2 * 4 * 8 * 10 * 10 * 5 * 9);
  });

  it("of a Gemm with a turned operand takes the inner length from the axis that is summed over", () => {
    const g = new GraphBuilder();
    const out = g.op("Gemm", [g.input("a", "float32", [7, 3]), g.input("b", "float32", [7, 5])], [3, 5], "float32", { transA: 1 });
    expect(programCost(g.finish([out])).products.single).toBe(2 * 3 * 5 * 7);
  });

  it("of a product with a turned operand in one step of ONNX Runtime's own is that of any product", () => {
    const g = new GraphBuilder();
    const out = g.timesSwapped(g.input("a", "float32", [4, 7, 3]), g.input("b", "float32", [4, 5, 3]));
    expect(g.makerOf(out)?.op).toBe("FusedMatMul");
    expect(programCost(g.finish([out]))).toMatchObject({ products: { single: 2 * 4 * 7 * 5 * 3, double: 0 }, entries: 0, moved: 0 });
  });

  it("counts what lives at once, takes a view for what it shows, and leaves out what no result needs", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [10, 10]);
    const one = g.unary("Exp", x);
    const two = g.unary("Exp", g.reshape(one, [100]));
    g.unary("Tanh", two);
    const three = g.unary("Exp", two);
    const cost = programCost(g.finish([three]));
    expect(cost.steps).toBe(4);
    expect(cost.live).toBe(2 * 400);
    expect(cost.results).toBe(400);
    expect(programCost(g.finish([three, one])).live).toBe(3 * 400);
  });

  it("counts what only the body of a loop reads, made or fed", () => {
    const g = new GraphBuilder();
    const [fed, x] = [g.input("fed", "float32", [100]), g.input("x", "float32", [100])];
    const made = g.unary("Tanh", x);
    const [sum] = turns(g, (prefix) => new GraphBuilder(prefix), 3, [x], (h, _, [state]) => [h.add(h.add(state!, made), fed)]);
    const cost = programCost(g.finish([sum!]));
    expect([cost.steps, cost.live]).toEqual([2, 2 * 400]);
    expect(cost.fed).toBeGreaterThanOrEqual(2 * 400);
  });

  it("for more vectors grows by the same for each", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [10, 10]);
    const products = [0, 1, 2].map((d) => g.matMul(g.unary("Exp", x), g.input(`v${d}`, "float32", [10, 4])));
    const [one, two, three] = [1, 2, 3].map((count) => programCost(g.finish(products.slice(0, count))));
    expect(forVectors(one!, two!, 3)).toEqual(three);
  });
});

describe("the cost of a Jacobian", () => {
  it("of a two-layer network is counted from the graphs that compute it: forward, J·v and Jᵀ·u", async () => {
    const [n, a, h, k] = [5, 6, 9, 3];
    const { forward, jvp, vjp } = productCosts(await network(mlp(1), [a], n));
    const layers = 2 * n * (a * h + h * k);
    expect(forward.products.single).toBe(layers);
    // J·v: the forward pass (but its last product), x·V̇ for both layers, and one pass of the tangent through the second.
    expect(jvp(1).products.single).toBe(2 * n * a * h + layers + 2 * n * h * k);
    expect(jvp(3).products.single - jvp(2).products.single).toBe(layers + 2 * n * h * k);
    // Jᵀ·u: one pass back through the second layer, and aᵀ·g for both.
    expect(vjp(2).products.single - vjp(1).products.single).toBe(2 * n * h * k + layers);
  });

  it("of a Gram matrix counts K² products of width h + … for every pair of samples on and above the diagonal", async () => {
    const [n, a, h, k] = [12, 6, 9, 3];
    const narrow = await network(mlp(1), [a], 4);
    const cost = gramCost(factorProgram(narrow, await network(mlp(1), [a], 4 * k), n), n, 4);
    // Dense layers with one position: AAᵀ of width in, GGᵀ of width out for K² pairs, and their product entry by entry.
    const pair = 2 * (a + k * k * h) + 2 * k * k + (2 * (h + k * k * k) + 2 * k * k);
    expect(cost.tiles.double).toBe(pair * ((n * (n + 4)) / 2));
    expect([cost.batches, cost.rounds, cost.tileRuns]).toEqual([3, 1, 6]);
    expect(cost.factors).toBe(4 * (a + k * h + h + k * k));
    expect(cost.first.products.single).toBe(2 * 4 * (a * h + h * k));
    expect(cost.second.products.single).toBe(2 * 4 * k * h * k);
  });

  it("of a convolutional network has no product left uncounted in any form", async () => {
    const narrow = await network(cnn(1), [2, 6, 6], 4);
    const cost = gramCost(factorProgram(narrow, await network(cnn(1), [2, 6, 6], 8), 8), 8, 4);
    expect(cost.first.products.single).toBeGreaterThanOrEqual(2 * 4 * (8 * 36 * 18 + 12 * 4 * 72 + 12 * 4 + 12 * 2));
    expect(cost.tileLive.length).toBe(2);
    for (const live of cost.tileLive) expect(live).toBeGreaterThan(8 * (4 * 2) ** 2);
  });
});
