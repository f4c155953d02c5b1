import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../../src/analysis/defaults.ts";
import { densityEffort, expectedDensity } from "../../../../src/analysis/methods/density-budget.ts";
import { wantedOf } from "../../../../src/analysis/methods/krylov.ts";
import { productFlops } from "../../../../src/analysis/methods/product-flops.ts";
import { openNetwork } from "../../../../src/analysis/open-network.ts";
import { krylovProducts } from "../../../../src/analysis/plan/krylov-work.ts";
import { krylovSizes } from "../../../../src/analysis/run-sizes.ts";
import { LEAST_PRODUCTS, MOST_PRODUCTS } from "../../../../src/spectrum/density-effort.ts";
import { reference, run } from "../support.ts";

describe("the products of the density beside those of the triplets", () => {
  it("are as many as ever where they are cheap, and in proportion to the triplets' where they are not", () => {
    expect(densityEffort({ flops: 1e8, leading: 300 }, 0.1)).toEqual({ maxProducts: MOST_PRODUCTS });
    expect(densityEffort({ flops: 1e11, leading: 1000 }, 0.1)).toEqual({ maxProducts: 500 });
    expect(densityEffort({ flops: 1e11, leading: 1e5 }, 0.1)).toEqual({ maxProducts: MOST_PRODUCTS });
    expect(densityEffort({ flops: 2e9, leading: 100 }, 0.1)).toEqual({ maxProducts: 500 });
  });

  it("are never fewer than a band needs", () => {
    expect(densityEffort({ flops: 1e15, leading: 10 }, 0.1)).toEqual({ maxProducts: LEAST_PRODUCTS });
    expect(expectedDensity({ flops: 1e15, leading: 10 }, 5000)).toEqual({ probes: 4, steps: 20 });
  });

  it("are half of that, of the fewest probes, where the triplets leave a negligible share of ‖J‖²", () => {
    expect(densityEffort({ flops: 1e11, leading: 1000 }, 0.009)).toEqual({ maxProducts: 250, probes: 4 });
  });

  it("are expected as they are allowed: all where they are cheap, half where they are not", () => {
    expect(expectedDensity({ flops: 1e8, leading: 300 }, 20_000)).toEqual({ probes: 4, steps: 120 });
    expect(expectedDensity({ flops: 1e8, leading: 300 }, 500)).toEqual({ probes: 6, steps: 120 });
    expect(expectedDensity({ flops: 1e11, leading: 1000 }, 20_000)).toEqual({ probes: 4, steps: 31 });
    expect(expectedDensity({ flops: 1e8, leading: 300 }, 0)).toMatchObject({ steps: 0 });
  });
});

describe("the products that the plan counts for the block Krylov method", () => {
  it.each([["mlp-relu", 10], ["mlp-relu", 60], ["cnn-batchnorm", 10], ["transformer", 20]] as const)("are within a factor of 1.5 of those that an analysis takes: %s, rank %d", async (name, rank) => {
    const asked = reference(name, { method: "krylov", cutoff: { kind: "rank", value: rank } });
    const request = withDefaults(asked);
    const open = await openNetwork(request, undefined);
    const result = await run(asked);
    try {
      const columns = open.choices.reduce((sum, choice) => sum + (choice.chosen ? choice.count : 0), 0);
      const size = { rows: open.samples * open.network.outputs, columns };
      const wanted = wantedOf({ request, open });
      const { basis } = krylovSizes(size, wanted, Infinity)!;
      const { norm, triplets, density } = krylovProducts(open, { short: Math.min(size.rows, columns), wanted, basis });
      const ratio = (norm + triplets + 2 * density.probes * density.steps) / result.method.products;
      expect(ratio).toBeGreaterThan(1 / 1.5);
      expect(ratio).toBeLessThan(1.5);
      expect(productFlops(open)).toBeGreaterThan(2 * columns);
      expect(result.density).toMatchObject({ probes: expect.any(Number) as number, steps: expect.any(Number) as number });
      expect(result.density!.probes!).toBeGreaterThanOrEqual(4);
    } finally {
      await open.dispose();
    }
  });
});
