import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { certainLeading, indexErrors, projectionErrors, rankCertificate } from "../../../src/spectrum/certificate.ts";
import { type KrylovOptions, leadingTriplets, type Triplets } from "../../../src/spectrum/krylov.ts";
import { leadingEnergies } from "../../../src/spectrum/leading-energy.ts";
import { estimateSquaredNorm, knownSquaredNorm, tailMass } from "../../../src/spectrum/trace-estimate.ts";
import { dot } from "../linalg/support.ts";
import { type KnownOperator, knownOperator, SPECTRA } from "./operators.ts";

/** 5 kinds × 40 seeds; shape, block, tolerance, rounding and the sides kept vary with the seed. */
const CASES = Object.keys(SPECTRA).flatMap((kind) => Array.from({ length: 40 }, (_, seed) => ({ kind, seed })));
const WANTED = 12;
/** Rounding of the test's own float64 arithmetic. */
const ROUNDING = 1e-12;

interface Case {
  readonly operator: KnownOperator;
  readonly values: readonly number[];
  readonly options: KrylovOptions;
}

const caseOf = (kind: string, seed: number): Case => {
  const short = 40 + (seed * 7) % 41;
  const long = short + (seed * 13) % 60;
  const [rows, columns] = seed % 2 === 0 ? [short, long] : [long, short];
  const values = SPECTRA[kind]!(short, seed);
  const round = seed % 4 >= 2;
  const productError = round ? 2 ** -22 * Math.hypot(...values) : 0;
  return { operator: knownOperator(rows, columns, values, seed, round), values, options: { block: 1 + (seed % 5), tolerance: 10 ** -(3 + (seed % 5)), productError, seed, failure: 0.01, sides: seed % 3 === 2 ? "short" : "both" } };
};

/** How many of the claims of one result are false, and how many say something. */
const claimsOf = (found: Triplets, { operator, values }: Case, z: Float64Array): Record<"value" | "lower" | "rest" | "index" | "bar" | "rank" | "projection" | "certifiedRanks" | "usefulProjections" | "ownBars", number> => {
  const noise = ROUNDING * values[0]!;
  const count = { value: 0, lower: 0, rest: 0, index: 0, bar: 0, rank: 0, projection: 0, certifiedRanks: 0, usefulProjections: 0, ownBars: 0 };
  found.values.forEach((value, s) => {
    if (Math.min(...values.map((exact) => Math.abs(exact - value))) > found.certificates[s]! + noise) count.value++;
    if (value ** 2 > (values[s]! + found.productError + noise) ** 2 + found.gramError) count.lower++;
  });
  if ((values[found.values.length] ?? 0) > found.rest.bound + noise) count.rest++;
  const { count: certain, indexError } = certainLeading(found);
  for (let s = 0; s < certain; s++) if (Math.abs(values[s]! - found.values[s]!) > indexError + noise) count.index++;
  indexErrors(found).forEach((bar, s) => {
    if (Math.abs(values[s]! - found.values[s]!) > bar + noise) count.bar++;
    if (bar === found.certificates[s]!) count.ownBars++;
  });
  for (const alpha of [...found.values].flatMap((value) => [value * 0.9, value * 1.1, value * 1.0001])) {
    if (!(alpha > 0)) continue;
    const claim = rankCertificate(found, alpha);
    const exact = values.filter((value) => value >= alpha).length;
    if (claim.certified) count.certifiedRanks++;
    if (exact < claim.atLeast || (claim.atMost !== null && exact > claim.atMost) || (claim.certified && exact !== claim.rank)) count.rank++;
  }
  if (found.left.length === 0) return count;
  const { vectors, errors } = leadingEnergies(found, [z]);
  const norm = Math.sqrt(dot(z, z));
  count.usefulProjections = errors.filter((error) => error < 1e-2).length;
  for (let r = 1, energy = 0; r <= found.values.length; r++) {
    energy += dot(operator.left(r - 1), z) ** 2;
    const [exact, mine] = [Math.sqrt(energy) / norm, Math.sqrt(vectors[0]!.cumulative[r - 1]!)];
    if (Math.abs(exact - mine) > errors[r - 1]! + 1e-9) count.projection++;
  }
  return count;
};

describe("certificates", () => {
  it("hold on 200 random matrices with known spectra, none violated beyond its stated probability", async () => {
    const total = { certifiedRanks: 0, usefulProjections: 0, ownBars: 0 };
    const violated: Record<string, number> = {};
    const failed: string[] = [];
    let tails = 0;
    for (const { kind, seed } of CASES) {
      const example = caseOf(kind, seed);
      const z = random(seed, "z").normals(example.operator.rows);
      const found = await leadingTriplets(example.operator, WANTED, example.options);
      const { certifiedRanks, usefulProjections, ownBars, ...counted } = claimsOf(found, example, z);
      total.certifiedRanks += certifiedRanks;
      total.usefulProjections += usefulProjections;
      total.ownBars += ownBars;
      for (const [claim, n] of Object.entries(counted)) {
        violated[claim] = (violated[claim] ?? 0) + n;
        if (n > 0) failed.push(`${claim}: ${kind}, seed ${seed}`);
      }
      if (found.left.length === 0) continue;
      const squared = dot(example.values, example.values);
      const estimate = await estimateSquaredNorm(example.operator, { leading: found, seed, failure: 0.05 });
      const slack = 4 * found.productError * Math.sqrt(squared) + 1e-12 * squared;
      if (squared < estimate.low - slack || squared > estimate.high + slack) tails++;
    }
    const certain = { value: 0, lower: 0, index: 0, bar: 0, rank: 0, projection: 0, rest: 0 };
    expect(violated, failed.join("; ")).toEqual(certain);
    // They say something, too: of 7200 ranks, 2004 projections and 2400 error bars.
    expect(total.certifiedRanks).toBeGreaterThan(3000);
    expect(total.usefulProjections).toBeGreaterThan(500);
    expect(total.ownBars).toBeGreaterThan(1000);
    // 167 draws at 5 %: more than 18 with probability 1e-3.
    expect(tails).toBeLessThanOrEqual(18);
  });

  it("bound each value by its index even where most were stopped on the way, and others of the same size were not found", async () => {
    let [wrong, misplaced] = [0, 0];
    for (const kind of ["flat edge", "clusters", "power law"]) {
      for (let seed = 0; seed < 40; seed++) {
        const values = SPECTRA[kind]!(70, seed);
        const found = await leadingTriplets(knownOperator(70, 90, values, seed), 20, { block: 2, maxProducts: 50 + 3 * seed, seed, failure: 0.01 });
        const bars = indexErrors(found);
        found.values.forEach((value, s) => {
          const off = Math.abs(values[s]! - value) - ROUNDING * values[0]!;
          if (off > bars[s]!) wrong++;
          if (off > found.certificates[s]!) misplaced++;
        });
      }
    }
    expect(wrong).toBe(0);
    // The certificates alone would not have: they are of the nearest singular value, whichever it is.
    expect(misplaced).toBeGreaterThan(20);
  });

  it("are the error bar of a value that stands apart, and reach up to the bound of the rest for one that does not", () => {
    const certified = { values: Float64Array.of(8, 4, 3.9999, 1), certificates: Float64Array.of(1e-3, 1e-3, 1e-3, 1e-2), rest: { estimate: 1.4, bound: 1.5, failure: 0 }, productError: 0, gramError: 0 };
    const reach = Math.sqrt(2 * (3e-6 + 1e-4));
    expect(Array.from(indexErrors(certified))).toEqual([1e-3, reach, reach, reach + 0.5].map((bar) => expect.closeTo(bar, 12) as number));
  });

  it("certify the rank where there is a gap, and leave it open where there is none", async () => {
    const values = [9, 8, 7, 1, 0.5, ...new Array<number>(75).fill(0.1)];
    const found = await leadingTriplets(knownOperator(80, 90, values, 3), 6, { tolerance: 1e-8 });
    expect(rankCertificate(found, 3)).toMatchObject({ rank: 3, atLeast: 3, atMost: 3, certified: true });
    expect(rankCertificate(found, 0.3)).toMatchObject({ rank: 5, certified: true });
    expect(rankCertificate(found, 0.05)).toMatchObject({ rank: 6, atLeast: 6, atMost: null, certified: false });
    expect(certainLeading(found).count).toBe(5);
    const errors = projectionErrors(found);
    expect(errors[2]).toBeLessThan(1e-7);
    expect(errors[5]).toBe(1);
  });

  it("give energies, with what lies beyond the leading directions", async () => {
    const values = SPECTRA["power law"]!(70, 0);
    const operator = knownOperator(70, 80, values, 4);
    const found = await leadingTriplets(operator, 5, { tolerance: 1e-8 });
    const z = Float64Array.from(operator.left(0), (x, i) => 3 * x + 4 * operator.left(69)[i]!);
    const { vectors: [energy, zero] } = leadingEnergies(found, [z, new Float64Array(70)]);
    expect(energy!.norm).toBeCloseTo(5, 12);
    expect(Math.abs(energy!.coefficients[0]!)).toBeCloseTo(3, 10);
    expect(energy!.cumulative[4]).toBeCloseTo(9 / 25, 10);
    expect(energy!.tail).toBeCloseTo(16, 8);
    expect(zero).toMatchObject({ norm: 0, tail: 0, cumulative: new Float64Array(5) });
  });

  it("leave a tail mass that brackets the true one, from an exact squared norm or an estimated one", async () => {
    const values = SPECTRA["power law"]!(90, 0);
    const operator = knownOperator(90, 100, values, 5);
    const found = await leadingTriplets(operator, 10, { tolerance: 1e-6 });
    const squared = dot(values, values);
    const exact = tailMass(found, knownSquaredNorm(squared));
    const truth = dot(values.slice(10), values.slice(10));
    expect(exact.mass).toBeCloseTo(truth, 6);
    const estimated = tailMass(found, await estimateSquaredNorm(operator, { leading: found, probes: 64 }));
    expect(estimated.low).toBeLessThan(truth);
    expect(estimated.high).toBeGreaterThan(truth);
    expect(estimated.high - estimated.low).toBeLessThan(truth);
  });
});
