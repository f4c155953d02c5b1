import { describe, expect, it } from "vitest";
import { LensError } from "../../../src/core/errors.ts";
import { random } from "../../../src/core/random.ts";
import { beyondComputed, chooseCutoff, MOST_BY_DEFAULT } from "../../../src/theory/cutoff.ts";
import { drawSeed, spectrumOf } from "./support.ts";
import type { CutoffRule } from "../../../src/theory/cutoff.ts";
import type { Spectrum } from "../../../src/theory/spectrum.ts";

const spectrum = spectrumOf([8, 4, 4, 2, 1, 0.5]);

const codeOf = (rule: CutoffRule, of: Spectrum = spectrum): string => {
  try {
    chooseCutoff(rule, of, 2);
  } catch (error) {
    if (error instanceof LensError) return error.code;
    throw error;
  }
  return "none";
};

describe("a cut-off", () => {
  it.each<[string, CutoffRule, { rank: number; alpha: number; gap: number | null }]>([
    ["a rank takes that many, α being the last value kept", { kind: "rank", value: 4 }, { rank: 4, alpha: 2, gap: 2 }],
    ["α keeps every value at or above it", { kind: "alpha", value: 4 }, { rank: 3, alpha: 4, gap: 2 }],
    ["α between two values stays as asked", { kind: "alpha", value: 1.5 }, { rank: 4, alpha: 1.5, gap: 2 }],
    ["α below all keeps all, with no gap after them", { kind: "alpha", value: 0.1 }, { rank: 6, alpha: 0.1, gap: null }],
    ["α = λ₁ keeps the first", { kind: "alpha", value: 8 }, { rank: 1, alpha: 8, gap: 2 }],
    ["a relative α is a part of λ₁", { kind: "relative", value: 0.25 }, { rank: 4, alpha: 2, gap: 2 }],
    ["a relative α of 1 keeps the first", { kind: "relative", value: 1 }, { rank: 1, alpha: 8, gap: 2 }],
    ["an energy share takes the fewest directions that hold it", { kind: "energy", value: 0.79 }, { rank: 2, alpha: 4, gap: 1 }],
    ["an energy share that is met exactly needs no more", { kind: "energy", value: 80 / 101.25 }, { rank: 2, alpha: 4, gap: 1 }],
    ["all the energy needs all directions", { kind: "energy", value: 1 }, { rank: 6, alpha: 0.5, gap: null }],
    ["of equal gaps the first counts", { kind: "gap" }, { rank: 1, alpha: 8, gap: 2 }],
  ])("%s", (_, rule, expected) => {
    expect(chooseCutoff(rule, spectrum, 2)).toMatchObject(expected);
  });

  it("is rank K² unless asked otherwise", () => {
    expect(chooseCutoff(undefined, spectrum, 2)).toMatchObject({ rank: 4, rule: "rank K² = 4" });
  });

  it("by default takes no direction below the rounding floor", () => {
    const noisy = spectrumOf([8, 4, 2 ** -30, 2 ** -33, 0, 0]);
    expect(chooseCutoff(undefined, noisy, 2)).toMatchObject({ rank: 2, gap: 2 ** 32 });
    expect(chooseCutoff(undefined, spectrumOf([3, 2]), 10).rank).toBe(2);
  });

  it.each<[string, number, number, Partial<Spectrum>, string, number]>([
    ["K² where that is few", 127, 10, {}, "rank K² = 100", 100],
    ["a hundred at most", 127, 12, {}, "rank 100 of the 127 computed, fewer than K² = 144", MOST_BY_DEFAULT],
    ["those that there are", 57, 5000, {}, "rank 57 of the 57 computed, fewer than K² = 25000000", 57],
    ["those above the floor", 127, 12, { floor: 88.5 }, "rank 39: all of the 127 computed that are above the floor, fewer than K² = 144", 39],
    ["K² of a whole spectrum, however many", 127, 11, { complete: true }, "rank K² = 121", 121],
    ["all of a whole spectrum", 127, 12, { complete: true }, "rank 127: all singular values above the floor, fewer than K² = 144", 127],
  ])("where only the leading singular values are computed by default takes %s", (_, count, outputs, more, rule, rank) => {
    const leading = spectrumOf(Array.from({ length: count }, (__, s) => 127 - s), { complete: false, ...more });
    expect(chooseCutoff(undefined, leading, outputs)).toMatchObject({ rule, rank });
  });

  it("finds the gap before the noise, and none within it", () => {
    expect(chooseCutoff({ kind: "gap" }, spectrumOf([8, 7, 6, 1e-12, 1e-18, 0]), 2).rank).toBe(3);
    expect(chooseCutoff({ kind: "gap" }, spectrumOf([5]), 1).rank).toBe(1);
  });

  it.each<[string, CutoffRule]>([
    ["α above λ₁", { kind: "alpha", value: 8.01 }],
    ["α = 0", { kind: "alpha", value: 0 }],
    ["a negative α", { kind: "alpha", value: -1 }],
    ["α that is no number", { kind: "alpha", value: NaN }],
    ["a relative α above 1", { kind: "relative", value: 1.5 }],
    ["rank 0", { kind: "rank", value: 0 }],
    ["a rank above the number of singular values", { kind: "rank", value: 7 }],
    ["a broken rank", { kind: "rank", value: 2.5 }],
    ["an energy share of 0", { kind: "energy", value: 0 }],
    ["an energy share above 1", { kind: "energy", value: 1.01 }],
  ])("refuses %s", (_, rule) => {
    expect(codeOf(rule)).toBe("CUTOFF_RANGE");
  });

  it("refuses what a partial spectrum cannot tell", () => {
    const partial = spectrumOf([8, 4, 4], { complete: false, frobenius: 12 });
    expect(codeOf({ kind: "alpha", value: 1 }, partial)).toBe("CUTOFF_RANGE");
    expect(codeOf({ kind: "energy", value: 0.9 }, partial)).toBe("CUTOFF_RANGE");
    expect(codeOf({ kind: "energy", value: 0.5 }, partial)).toBe("none");
    expect(codeOf({ kind: "alpha", value: 5 }, partial)).toBe("none");
  });

  it("says where more singular values than were computed would tell it, and only there", () => {
    const partial = spectrumOf([8, 4, 4], { complete: false, frobenius: 12 });
    expect(beyondComputed({ kind: "alpha", value: 4 }, partial)).toBe("All 3 computed singular values reach the cut-off α = 4; how many more do is not known.");
    expect(beyondComputed({ kind: "relative", value: 0.1 }, partial)).toBe("All 3 computed singular values reach the cut-off 0.1·λ₁ = 0.8; how many more do is not known.");
    expect(beyondComputed({ kind: "energy", value: 0.7 }, partial)).toBe("The 3 computed singular values hold 0.666667 of ‖J‖_F², less than the asked 0.7.");
    const told: readonly (CutoffRule | undefined)[] = [{ kind: "alpha", value: 5 }, { kind: "energy", value: 0.6 }, { kind: "rank", value: 9 }, { kind: "gap" }, undefined];
    for (const rule of told) expect(beyondComputed(rule, partial)).toBeNull();
    // Numbers that no spectrum has are refused, not looked for.
    for (const rule of [{ kind: "alpha", value: 0 }, { kind: "relative", value: -1 }, { kind: "energy", value: 1.5 }] as const) expect(beyondComputed(rule, partial)).toBeNull();
    for (const rule of [{ kind: "relative", value: 0.5 }, { kind: "energy", value: 0.5 }] as const) expect(beyondComputed(rule, spectrumOf([0, 0], { complete: false }))).toBeNull();
    expect(beyondComputed({ kind: "alpha", value: 1 }, { ...partial, complete: true })).toBeNull();
  });

  it("refuses a Jacobian that is zero, or has no values at all", () => {
    expect(codeOf({ kind: "rank", value: 1 }, spectrumOf([0, 0]))).toBe("JACOBIAN_ZERO");
    expect(codeOf({ kind: "rank", value: 1 }, spectrumOf([]))).toBe("JACOBIAN_ZERO");
  });

  it("is certified only when the error bounds separate the directions", () => {
    const certified = (rule: CutoffRule, errors: Spectrum["errors"], more: Partial<Spectrum> = {}): boolean => chooseCutoff(rule, { ...spectrum, errors, ...more }, 2).certified;
    expect(certified({ kind: "rank", value: 4 }, null)).toBe(false);
    expect(certified({ kind: "rank", value: 4 }, 0.4)).toBe(true);
    expect(certified({ kind: "rank", value: 4 }, 0.6)).toBe(false);
    expect(certified({ kind: "rank", value: 2 }, 1e-12)).toBe(false);
    expect(certified({ kind: "alpha", value: 1.5 }, 0.4)).toBe(true);
    expect(certified({ kind: "alpha", value: 1.9 }, 0.4)).toBe(false);
    expect(certified({ kind: "alpha", value: 1.5 }, [1, 1, 1, 0.1, 0.1, 1])).toBe(true);
    expect(certified({ kind: "alpha", value: 0.3 }, 0.1)).toBe(true);
    expect(certified({ kind: "rank", value: 6 }, 0.1)).toBe(true);
    expect(certified({ kind: "rank", value: 6 }, 0.1, { complete: false })).toBe(false);
  });

  it("by value counts what the error bars leave open, of a whole spectrum", () => {
    const countOf = (alpha: number, errors: Spectrum["errors"], more: Partial<Spectrum> = {}): unknown => chooseCutoff({ kind: "alpha", value: alpha }, { ...spectrum, errors, ...more }, 2).count;
    expect(countOf(1.5, 0.4)).toEqual({ atLeast: 4, atMost: 4, failure: 0 });
    expect(countOf(1.9, 0.4)).toEqual({ atLeast: 3, atMost: 4, failure: 0 });
    expect(countOf(4, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1])).toEqual({ atLeast: 1, atMost: 3, failure: 0 });
    // λ_4 ≥ 1.9 is certain, so is it of those before it, whatever their own bars.
    expect(countOf(1.5, [9, 9, 9, 0.1, 9, 0.1])).toEqual({ atLeast: 4, atMost: 5, failure: 0 });
    expect(countOf(0.1, 0.2)).toEqual({ atLeast: 6, atMost: 6, failure: 0 });
    expect([countOf(1.5, null), countOf(1.5, 0.4, { complete: false })]).toEqual([null, null]);
    expect(chooseCutoff({ kind: "relative", value: 0.2 }, { ...spectrum, errors: 0.1 }, 2)).toMatchObject({ certified: true, count: { atLeast: 4, atMost: 4 } });
    for (const rule of [{ kind: "rank", value: 4 }, { kind: "energy", value: 0.5 }, { kind: "gap" }] as const) expect(chooseCutoff(rule, { ...spectrum, errors: 0.1 }, 2).count).toBeNull();
  });

  it("agrees between rules: the α it reports gives back its rank", () => {
    const seed = drawSeed("cut-off rules");
    const source = random(seed, "spectrum");
    for (let round = 0; round < 50; round++) {
      const values = source.normals(40).map(Math.abs).sort().reverse();
      const random = spectrumOf(values);
      const { rank, alpha } = chooseCutoff({ kind: "energy", value: 0.05 + 0.9 * source.uniform() }, random, 3);
      expect(chooseCutoff({ kind: "alpha", value: alpha }, random, 3).rank).toBe(rank);
      const total = random.frobenius ** 2;
      const held = (r: number): number => values.slice(0, r).reduce((sum, value) => sum + value * value, 0) / total;
      expect(chooseCutoff({ kind: "energy", value: held(rank) * (1 - 1e-12) }, random, 3).rank).toBe(rank);
    }
  });
});
