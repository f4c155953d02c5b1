import { describe, expect, it } from "vitest";
import { scratch } from "./model-files.ts";
import { bounds, expectedOf, reference, run } from "./support.ts";
import { blocked, writtenTo } from "./written-models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const folder = scratch();

describe(`--method sketch (seed ${SEED})`, () => {
  it.each(["mlp-relu", "cnn-batchnorm", "transformer"])("is right for the top of %s within its error bars, and says that it is a preview", async (name) => {
    const sigma = await expectedOf(name, "sigma");
    const found = await run(reference(name, { method: "sketch", cutoff: { kind: "rank", value: 20 }, seed: SEED }));
    expect(found.method).toMatchObject({ name: "sketch", exact: false });
    expect(found.model.warnings.map((w) => w.code)).toContain("SKETCH");
    found.singularValues.forEach((value, s) => {
      expect(value).toBeLessThanOrEqual(sigma[s]! + found.floor);
      expect(Math.min(...Array.from(sigma, (exact) => Math.abs(exact - value)))).toBeLessThanOrEqual(bounds(found)[s]!);
    });
    for (let s = 0; s < 5; s++) expect(found.singularValues[s]! / sigma[s]!).toBeGreaterThan(0.99);
    const squared = sigma.reduce((sum, x) => sum + x * x, 0);
    expect(found.frobenius ** 2 / squared).toBeGreaterThan(0.6);
    expect(found.frobenius ** 2 / squared).toBeLessThan(1.6);
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

  it("refuses to write JJᵀ", async () => {
    await expect(run(reference("mlp-relu", { method: "sketch", gram: true }))).rejects.toMatchObject({ code: "JACOBIAN_METHOD" });
  });
});
