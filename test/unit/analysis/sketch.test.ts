import { describe, expect, it } from "vitest";
import { ModelMaker } from "../jacobian/models.ts";
import { expectSketchOf } from "./expect-sketch.ts";
import { scratch } from "./model-files.ts";
import { expectedOf, reference, run } from "./support.ts";
import { blocked, writtenTo } from "./written-models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const folder = scratch();

describe(`--method sketch (seed ${SEED})`, () => {
  it.each(["mlp-relu", "cnn-batchnorm", "transformer"])("is right for the top of %s within its error bars, and says that it is a preview", async (name) => {
    const sigma = await expectedOf(name, "sigma");
    const found = await run(reference(name, { method: "sketch", cutoff: { kind: "rank", value: 20 }, seed: SEED }));
    expectSketchOf(found, sigma);
    expect(found.frobenius / Math.hypot(...sigma)).toBeCloseTo(1, 5);
  });

  it("has ‖J‖_F and the layers' shares of the exact analysis, and takes a share of ‖J‖_F² as a cut-off", async () => {
    const common = { cutoff: { kind: "energy", value: 0.5 }, seed: SEED } as const;
    const [sketch, exact] = [await run(reference("mlp-relu", { ...common, method: "sketch" })), await run(reference("mlp-relu", { ...common, method: "gram" }))];
    expect(sketch.frobenius / exact.frobenius).toBeCloseTo(1, 5);
    expect(sketch.layers!.map(({ name }) => name)).toEqual(exact.layers!.map(({ name }) => name));
    sketch.layers!.forEach(({ share }, l) => { expect(share).toBeCloseTo(exact.layers![l]!.share, 5); });
    expect(sketch.cutoff.rank).toBe(exact.cutoff.rank);
    expect(sketch.model.warnings.find((w) => w.code === "SKETCH")?.message).not.toContain("‖J‖_F");
  });

  it("estimates ‖J‖_F where the outputs are too many for a pass each, says so, and is not below its own values", async () => {
    const m = new ModelMaker(SEED, [4]);
    const request = writtenTo(folder, SEED, "many-outputs", m.finish(m.call("MatMul", [m.call("Tanh", [m.call("MatMul", ["x", m.weight("a", [4, 6])])]), m.weight("b", [6, 140])])), 6, [4]);
    const [sketch, exact] = [await run({ ...request, method: "sketch", cutoff: { kind: "rank", value: 10 }, seed: SEED }), await run({ ...request, method: "gram" })];
    const said = /‖J‖_F is about ([\d.]+), an estimate \(([\d.]+) to ([\d.]+) with probability 0\.95\)/.exec(sketch.model.warnings.find((w) => w.code === "SKETCH")!.message)!;
    expect(Number(said[1])).toBeCloseTo(sketch.frobenius, 1);
    expect(sketch.frobenius).toBeGreaterThanOrEqual(Math.hypot(...sketch.singularValues));
    expect(sketch.frobenius / exact.frobenius).toBeGreaterThan(0.8);
    expect(sketch.frobenius / exact.frobenius).toBeLessThan(1.25);
    expect(sketch.layers).toBeNull();
  });

  it("has the energies of the exact analysis, nearly, for both losses", async () => {
    for (const loss of ["l2", "cross-entropy"] as const) {
      const common = { loss, cutoff: { kind: "rank", value: 10 }, seed: SEED } as const;
      const [sketch, exact] = [await run(reference("mlp-relu", { ...common, method: "sketch" })), await run(reference("mlp-relu", { ...common, method: "gram" }))];
      expect(sketch.singularValues[0]! / exact.singularValues[0]!).toBeCloseTo(1, 2);
      for (const which of ["labels", "residual"] as const) expect(Math.abs(sketch.energy[which]!.information - exact.energy[which]!.information)).toBeLessThan(0.1);
    }
  });

  it("takes differences of the network where an operator has no rule, and says what the values are worth", async () => {
    const request = writtenTo(folder, SEED, "blocked", blocked(SEED), 40, [5]);
    const [sketch, exact] = [await run({ ...request, method: "sketch" }), await run({ ...request, method: "gram" })];
    const warning = sketch.model.warnings.find((w) => w.code === "SKETCH");
    expect(warning?.message).toMatch(/from inference only, by differences in float(32|64) with an error bar of .*: with as many directions as parameters they are those of J/);
    expect(sketch.errors).toBeNull();
    expect(sketch.singularValues[0]! / exact.singularValues[0]!).toBeCloseTo(1, 2);
  });

  it("says about what ‖J‖_F is, with its standard error, where differences see fewer directions than parameters", async () => {
    const m = new ModelMaker(SEED, [8]);
    const h = m.call("Normalizer", [m.call("Tanh", [m.call("MatMul", ["x", m.weight("before", [8, 20])])])], { norm: "L2" });
    const made = m.finish(m.call("MatMul", [h, m.weight("after", [20, 8])]));
    const nodes = made.graph.nodes.map((node) => (node.op === "Normalizer" ? { ...node, domain: "ai.onnx.ml" } : node));
    const model = { ...made, opsets: new Map([["", 17], ["ai.onnx.ml", 1]]), graph: { ...made.graph, nodes } };
    const sketch = await run({ ...writtenTo(folder, SEED, "blocked-wide", model, 20, [8]), method: "sketch", cutoff: { kind: "rank", value: 5 } });
    const said = /‖J‖_F is about ([\d.]+), with a standard error of ([\d.]+)\.$/.exec(sketch.model.warnings.find((w) => w.code === "SKETCH")!.message)!;
    expect(Number(said[1]) / sketch.frobenius).toBeCloseTo(1, 2);
    expect(Number(said[2])).toBeGreaterThan(0);
    expect(Number(said[2])).toBeLessThan(0.2 * sketch.frobenius);
    expect(sketch.frobenius).toBeGreaterThanOrEqual(Math.hypot(...sketch.singularValues));
  });

  it("refuses to write JJᵀ", async () => {
    await expect(run(reference("mlp-relu", { method: "sketch", gram: true }))).rejects.toMatchObject({ code: "JACOBIAN_METHOD" });
  });
});
