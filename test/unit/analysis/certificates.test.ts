import { describe, expect, it } from "vitest";
import type { MethodName } from "../../../src/analysis/request.ts";
import { splitErrors } from "../../../src/core/split.ts";
import { bounds, expectedOf, reference, run } from "./support.ts";

/** Each reference case, its options, and the methods whose claims are held against float64 autograd. */
const CASES: readonly (readonly [string, MethodName, readonly string[]])[] = [
  ...["mlp-relu", "cnn-batchnorm", "cnn-folded", "transformer", "resnet20"].map((name) => [name, "gram", []] as const),
  ["one-hidden", "gram", ["W"]],
  ...["mlp-relu", "cnn-batchnorm"].map((name) => [name, "krylov", []] as const),
  ["one-hidden", "krylov", ["W"]],
  ["cnn-folded", "rows", []],
];

/** Labels are the same for both; the residual's outputs differ by their rounding. */
const OF_VECTOR = { labels: 1e-7, residual: 1e-5 } as const;

describe("what a result says of its errors, against float64 autograd", () => {
  it.each(CASES)("%s by --method %s: every singular value and the energies at every rank are within their error bars", async (name, method, parameters) => {
    const found = await run(reference(name, { method, parameters, cutoff: { kind: "rank", value: 20 }, seed: 5 }));
    const sigma = await expectedOf(name, "sigma");
    const slack = 1e-14 * sigma[0]!;
    found.singularValues.forEach((value, s) => {
      expect(Math.abs(value - sigma[s]!), `value ${s}`).toBeLessThanOrEqual(bounds(found)[s]! + slack);
    });
    const angles = found.energy.angles!;
    expect(angles).toHaveLength(found.singularValues.length);
    for (const [which, key] of [["labels", "energy_y"], ["residual", "energy_r"]] as const) {
      const exact = await expectedOf(name, key);
      const total = exact.reduce((sum, x) => sum + x, 0);
      let sum = 0;
      found.energy[which]!.cumulative.forEach((mine, s) => {
        sum += exact[s]! / total;
        const shares = (share: number): { information: number; nuisance: number } => ({ information: Math.sqrt(Math.min(1, share)), nuisance: Math.sqrt(Math.max(0, 1 - share)) });
        const errors = splitErrors(shares(mine), angles[s]!);
        expect(Math.abs(shares(sum).information - shares(mine).information), `${which}, rank ${s + 1}`).toBeLessThanOrEqual(errors.information + OF_VECTOR[which]);
        expect(Math.abs(shares(sum).nuisance - shares(mine).nuisance), `${which}, rank ${s + 1}`).toBeLessThanOrEqual(errors.nuisance + 2 * OF_VECTOR[which] + 1e-7);
      });
      const { errors, information, nuisance } = found.energy[which]!;
      expect(errors).toEqual(splitErrors({ information, nuisance }, angles[found.cutoff.rank - 1]!));
    }
    if (found.cutoff.certified) expect(sigma.filter((value) => value >= sigma[found.cutoff.rank - 1]!)).toHaveLength(found.cutoff.rank);
  });
});

describe("the count of singular values from α on", () => {
  it.each(["krylov", "gram"] as const)("is certain by --method %s where α lies in a gap, and an interval around the true one where it does not", async (method) => {
    const sigma = await expectedOf("mlp-relu", "sigma");
    const trueCount = (alpha: number): number => sigma.filter((value) => value >= alpha).length;
    const alphas = { between: (sigma[7]! + sigma[8]!) / 2, at: sigma[11]! * (1 + 1e-12) };
    const between = await run(reference("mlp-relu", { method, cutoff: { kind: "alpha", value: alphas.between } }));
    const failure = method === "krylov" ? 1e-6 : 0;
    expect(between.cutoff).toMatchObject({ rank: 8, certified: true, count: { atLeast: 8, atMost: 8, failure } });
    const at = await run(reference("mlp-relu", { method, cutoff: { kind: "alpha", value: alphas.at } }));
    const { atLeast, atMost } = at.cutoff.count!;
    expect(at.cutoff.certified).toBe(false);
    expect([atLeast < atMost!, atLeast <= trueCount(alphas.at), trueCount(alphas.at) <= atMost!]).toEqual([true, true, true]);
  });

  it("is not claimed for a rank, nor by a sketch", async () => {
    const sigma = await expectedOf("mlp-relu", "sigma");
    for (const asked of [{ method: "krylov", cutoff: { kind: "rank", value: 8 } }, { method: "sketch", cutoff: { kind: "alpha", value: sigma[7]! * 0.999 } }] as const) expect((await run(reference("mlp-relu", asked))).cutoff.count).toBeNull();
  });
});

describe("a split at a narrow gap", () => {
  it("is warned of with the gap and what it does to the shares", async () => {
    const sigma = await expectedOf("mlp-relu", "sigma");
    let narrowest = 1;
    for (let r = 2; r < 200; r++) if (sigma[r - 1]! / sigma[r]! < sigma[narrowest - 1]! / sigma[narrowest]!) narrowest = r;
    const found = await run(reference("mlp-relu", { cutoff: { kind: "rank", value: narrowest } }));
    const warning = found.model.warnings.find((w) => w.code === "CUTOFF_GAP");
    expect(warning?.message).toMatch(/^The gap λᵣ\/λᵣ₊₁ = 1\.0\d+ at rank \d+ is near 1: .*right to ±/);
  });

  it("is not warned of where the gap is wide", async () => {
    const found = await run(reference("mlp-relu", { cutoff: { kind: "gap" } }));
    expect(found.model.warnings.map((w) => w.code)).not.toContain("CUTOFF_GAP");
    expect(found.energy.labels!.errors!.information).toBeLessThan(1e-4);
  });
});
