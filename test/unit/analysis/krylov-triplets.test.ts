import { describe, expect, it } from "vitest";
import { type Leading, tripletsToCutoff, type Wanted } from "../../../src/analysis/methods/krylov-triplets.ts";
import { analyse } from "../../../src/analysis/pipeline.ts";
import type { KrylovSizes } from "../../../src/analysis/run-sizes.ts";
import { leadingTriplets } from "../../../src/spectrum/krylov.ts";
import { knownSquaredNorm } from "../../../src/spectrum/trace-estimate.ts";
import { knownOperator } from "../spectrum/operators.ts";
import { reference, run } from "./support.ts";

const MiB = 2 ** 20;

/** λ_s = 0.97^s: half of them are above 0.97^60. */
const VALUES = Array.from({ length: 120 }, (_, s) => 0.97 ** s);
const OPERATOR = knownOperator(120, 150, VALUES, 1);
const SQUARED = VALUES.reduce((sum, value) => sum + value * value, 0);

/** What was computed in each round, and what came of it. */
const rounds = async (asked: Partial<Wanted>): Promise<{ readonly counts: number[]; readonly found: Leading & { readonly products: number } }> => {
  const counts: number[] = [];
  let spent = 0;
  const compute = async (wanted: number, { basis, sides }: KrylovSizes, round: number): Promise<Leading> => {
    expect(round).toBe(counts.length);
    counts.push(wanted);
    const triplets = await leadingTriplets(OPERATOR, wanted, { maxBasis: basis, sides });
    spent += triplets.products;
    const total = knownSquaredNorm(SQUARED);
    return { triplets, total, spectrum: { singularValues: triplets.values, complete: wanted === 120, floor: 0, frobenius: Math.sqrt(SQUARED), errors: null } };
  };
  const found = await tripletsToCutoff(OPERATOR, { cutoff: undefined, wanted: 7, memory: 1000 * MiB, ...asked }, compute);
  expect(found.products).toBe(spent);
  return { counts, found };
};

describe("the leading triplets", () => {
  it("are computed once for a rank, the default or the largest gap", async () => {
    for (const cutoff of [undefined, { kind: "rank", value: 5 }, { kind: "gap" }] as const) expect((await rounds({ cutoff })).counts).toEqual([7]);
  });

  it.each([
    ["value", { kind: "alpha", value: 0.97 ** 19.5 }, [7, 14, 28]],
    ["part of λ₁", { kind: "relative", value: 0.97 ** 50.5 }, [7, 14, 28, 56]],
    ["energy", { kind: "energy", value: 0.999 }, [7, 14, 28, 56, 112]],
    ["all the energy", { kind: "energy", value: 1 }, [7, 14, 28, 56, 112, 120]],
  ] as const)("are doubled until they reach a cut-off by %s, or are all there are", async (_, cutoff, counts) => {
    expect((await rounds({ cutoff })).counts).toEqual(counts);
  });

  it("end where the bases do not fit, with what can help and nothing else", async () => {
    const asked = { cutoff: { kind: "relative", value: 1e-9 }, memory: 1.4 * MiB } as const;
    await expect(rounds(asked)).rejects.toMatchObject({ code: "CUTOFF_RANGE", message: expect.stringMatching(/^All \d+ computed singular values reach the cut-off 1e-9·λ₁ = 1e-9/) as string, hint: expect.stringMatching(/^Choose a larger α \(--alpha, --relative\), allow more memory \(--memory: the bases of \d+ take \d+ MiB, 1 MiB are left for them\), or take fewer samples \(--samples\)\.$/) as string });
    await expect(rounds({ ...asked, cutoff: { kind: "energy", value: 0.9999 } })).rejects.toMatchObject({ code: "CUTOFF_RANGE", hint: expect.stringMatching(/^Choose a smaller share \(--energy\), /) as string });
    await expect(rounds({ memory: 1000 })).rejects.toMatchObject({ code: "MEMORY" });
  });
});

describe("--method krylov", () => {
  it("refuses to write JJᵀ, which it does not form, before any work", async () => {
    const labels: string[] = [];
    const asked = analyse(reference("mlp-relu", { method: "krylov", gram: true }), { progress: (_, label) => { labels.push(label); } });
    await expect(asked).rejects.toMatchObject({ code: "JACOBIAN_METHOD", message: expect.stringContaining("--method krylov") as string, hint: "Use --method gram with --gram." });
    expect(labels.join(" ")).not.toContain("singular values");
  });

  it("finds the rank of a cut-off that lies beyond the values it begins with", async () => {
    const cutoff = { kind: "relative", value: 0.002 } as const;
    const [whole, leading] = [await run(reference("mlp-relu", { cutoff, method: "gram" })), await run(reference("mlp-relu", { cutoff, method: "krylov" }))];
    expect(leading.cutoff.rank).toBe(whole.cutoff.rank);
    expect(leading.cutoff.rank).toBeGreaterThan(127);
    expect(leading.singularValues.length).toBeGreaterThan(leading.cutoff.rank);
  });
});
