import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { gapAt, largestGapRank, rankAt, splitAt, splitErrors } from "../../../src/core/split.ts";

const VALUES = [8, 4, 4, 2, 0];
/** Squared shares 0.4, 0.1, 0.3, 0.15, 0.05. */
const CUMULATIVE = [0.4, 0.5, 0.8, 0.95, 1];

describe("the split at a rank", () => {
  it("has the shares of its side of the cut-off", () => {
    const { information, nuisance, pseudoInverse } = splitAt(VALUES, CUMULATIVE, 3);
    expect(information).toBeCloseTo(Math.sqrt(0.8), 14);
    expect(nuisance).toBeCloseTo(Math.sqrt(0.2), 14);
    expect(pseudoInverse).toBeCloseTo(Math.sqrt(0.4 / 64 + 0.4 / 16), 14);
  });

  it("at rank 0 has everything in the nuisance space", () => {
    expect(splitAt(VALUES, CUMULATIVE, 0)).toEqual({ information: 0, nuisance: 1, pseudoInverse: 0 });
  });

  it("at full rank has everything in the information space, without dividing by λ = 0", () => {
    const { information, nuisance, pseudoInverse } = splitAt(VALUES, CUMULATIVE, 5);
    expect([information, nuisance]).toEqual([1, 0]);
    expect(pseudoInverse).toBeCloseTo(Math.sqrt(0.4 / 64 + 0.4 / 16 + 0.15 / 4), 14);
  });

  it("has shares whose squares add to 1 at every rank", () => {
    for (let rank = 0; rank <= 5; rank++) {
      const { information, nuisance } = splitAt(VALUES, CUMULATIVE, rank);
      expect(information ** 2 + nuisance ** 2).toBeCloseTo(1, 14);
    }
  });

  it("takes typed arrays as well", () => {
    expect(splitAt(Float64Array.from(VALUES), Float64Array.from(CUMULATIVE), 2)).toEqual(splitAt(VALUES, CUMULATIVE, 2));
  });
});

describe("the rank of a cut-off", () => {
  it.each([[9, 0], [8, 1], [5, 1], [4, 3], [3.9, 3], [2, 4], [1e-9, 4], [0, 5]])("for α = %f is %i", (alpha, rank) => {
    expect(rankAt(VALUES, alpha)).toBe(rank);
  });

  it("of nothing is 0", () => expect(rankAt([], 1)).toBe(0));

  it("agrees with counting, for every α of a long spectrum", () => {
    const values = Array.from({ length: 257 }, (_, s) => Math.floor(1000 / (s + 1)) / 7);
    for (const alpha of values) expect(rankAt(values, alpha)).toBe(values.filter((value) => value >= alpha).length);
  });
});

describe("the gap", () => {
  it.each<[number, number | null]>([[0, null], [1, 2], [2, 1], [3, 2], [4, null], [5, null]])("after rank %i is %s", (rank, gap) => {
    expect(gapAt(VALUES, rank)).toBe(gap);
  });

  it.each<[string, readonly number[], number, number]>([
    ["lies where the ratio is largest", [8, 7, 2, 1.5], 0, 2],
    ["of equal ones is the first", [8, 4, 2, 1], 0, 1],
    ["before the noise counts, noise itself does not", [8, 7, 6, 1e-9, 1e-20], 1e-6, 3],
    ["before an exact zero counts", [3, 2, 0, 0], 0, 2],
    ["of one value is 1", [5], 0, 1],
    ["of none above the floor is 1", [1e-9, 1e-10], 1, 1],
  ])("%s", (_, values, floor, rank) => {
    expect(largestGapRank(values, floor)).toBe(rank);
  });
});

describe("the errors of shares", () => {
  it("hold for a plane turned by any angle, whatever the vector, and one of them is reached", () => {
    const draws = random(12, "turned planes");
    let tightest = 0;
    for (let i = 0; i < 2000; i++) {
      const angle = draws.uniform() * 1.5;
      // In R²: the line at 0 against the line at `angle`, and a vector at `at`.
      const at = draws.uniform() * 2 * Math.PI;
      const computed = { information: Math.abs(Math.cos(at)), nuisance: Math.abs(Math.sin(at)) };
      const [information, nuisance] = [Math.abs(Math.cos(at - angle)), Math.abs(Math.sin(at - angle))];
      const errors = splitErrors(computed, Math.sin(angle));
      expect(Math.abs(information - computed.information)).toBeLessThanOrEqual(errors.information + 1e-15);
      expect(Math.abs(nuisance - computed.nuisance)).toBeLessThanOrEqual(errors.nuisance + 1e-15);
      tightest = Math.max(tightest, Math.abs(information - computed.information) / errors.information);
    }
    expect(tightest).toBeGreaterThan(0.99);
  });

  it("are nothing for no angle, and never reach beyond 0 and 1", () => {
    expect(splitErrors({ information: 0.6, nuisance: 0.8 }, 0)).toEqual({ information: 0, nuisance: 0 });
    expect(splitErrors({ information: 0.6, nuisance: 0.8 }, 1)).toEqual({ information: 0.6, nuisance: 0.8 });
    // Of a vector that lies wholly in the information space, an angle takes only its square.
    expect(splitErrors({ information: 1, nuisance: 0 }, 1e-3).information).toBeCloseTo(5e-7, 12);
  });
});
