import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { decimate, mean, quantile } from "../../../src/core/statistics.ts";

describe("quantiles", () => {
  // numpy.quantile([3, 1, 4, 1, 5], q)
  it.each([[0, 1], [0.05, 1], [0.25, 1], [0.5, 3], [0.6, 3.4], [0.95, 4.8], [1, 5]])("at %f are numpy's", (q, expected) => {
    expect(quantile([3, 1, 4, 1, 5], q)).toBeCloseTo(expected, 14);
  });

  it("leave the values in their order, and of nothing are NaN", () => {
    const values = Float64Array.of(3, 1, 2);
    quantile(values, 0.5);
    expect(values).toEqual(Float64Array.of(3, 1, 2));
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe("the mean", () => {
  it("is that of the values, NaN of none", () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(mean(new Float64Array(0))).toBeNaN();
  });
});

describe("decimation", () => {
  const n = 5000;
  const positions = Float64Array.from({ length: n }, (_, i) => Math.log(i + 1));
  const values = random(1, "decimate").normals(n);
  values[1234] = 50;
  values[4321] = -50;
  const kept = decimate(positions, values, 200);

  it("keeps outliers and both ends, in order, without repeats", () => {
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
    expect(kept).toEqual(expect.arrayContaining([0, 1234, 4321, n - 1]));
  });

  it("keeps at most four points of a bucket", () => {
    expect(kept.length).toBeLessThanOrEqual(800);
    expect(kept.length).toBeGreaterThan(200);
  });

  it("keeps everything where there is little", () => {
    expect(decimate([0, 1, 2], [5, 5, 5], 10)).toEqual([0, 1, 2]);
    expect(decimate([], [], 10)).toEqual([]);
  });

  it("copes with points that all stand in one place", () => {
    expect(decimate(new Float64Array(100), Float64Array.from({ length: 100 }, (_, i) => i % 7), 10)).toEqual([0, 6, 99]);
  });
});
