import { describe, expect, it } from "vitest";
import { derivativeComplaints } from "../families/derivative-check.ts";
import { checkGram } from "../families/gram-check.ts";
import { compose } from "./composition.ts";

/** Seeds from `first` on; FUZZ_SEED runs that one alone, FUZZ_FROM moves the range. */
const seeds = (first: number, count: number): number[] => {
  const { FUZZ_SEED, FUZZ_FROM } = process.env;
  if (FUZZ_SEED !== undefined) return [Number(FUZZ_SEED)];
  return Array.from({ length: count }, (_, i) => Number(FUZZ_FROM ?? 0) + first + i);
};

/** One test for each seed: both modes against a difference and one another, and the Gram matrix against rows. */
export const fuzz = (first: number, count: number): void => {
  describe("a graph drawn at random is differentiated right", () => {
    it.each(seeds(first, count))("FUZZ_SEED=%i", async (seed) => {
      const subject = compose(seed);
      const told = `FUZZ_SEED=${seed}: ${subject.taken.join(", ")}`;
      expect(await derivativeComplaints(subject, seed), told).toEqual([]);
      const { error, size, blocks, products } = await checkGram(subject, seed);
      expect(size, told).toBeGreaterThan(0);
      expect(error, told).toBeLessThan(2e-5);
      expect(blocks, told).toBeLessThan(1e-4);
      expect(products, told).toBeLessThan(2e-5);
    });
  });
};
