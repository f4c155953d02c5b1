import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import type { DensityView } from "../../../src/protocol/density-view.ts";
import { gapView } from "../../../webview/lens/model/cutoff.ts";
import { densityPicture, densityPoints } from "../../../webview/lens/model/density.ts";
import { errorText, largestBeyond, overlapAt } from "../../../webview/lens/model/errors.ts";
import { describeDensity, heldBy, massRows, shareOf, shareTexts } from "../../../webview/lens/model/mass.ts";
import { smoothed } from "../../../webview/lens/model/smoothed.ts";
import { whiskers } from "../../../webview/lens/model/spectrum.ts";
import { exampleView } from "./example-view.ts";

const seed = 23;

/** ∫ over log10 λ of a curve on an equally spaced axis. */
const integral = (axis: ArrayLike<number>, curve: ArrayLike<number>): number => Array.from(curve).reduce((sum, y) => sum + y, 0) * ((axis[1] ?? 0) - (axis[0] ?? 0));

/** Six leading values 8 … 3 beside a flat density of 200 per decade from 0.01 to 1. */
const density = (changes: Partial<DensityView> = {}): DensityView => {
  const axis = Float64Array.from({ length: 301 }, (_, i) => -3 + i * 0.015);
  const bulk = (height: number): Float64Array => axis.map((x) => (x >= -2 && x <= 0 ? height : 0));
  const bumps = axis.map((x) => [8, 7, 6, 5, 4, 3].reduce((sum, value) => sum + 8 * Math.exp(-0.5 * ((x - Math.log10(value)) / 0.05) ** 2), 0));
  return {
    axis, mean: bulk(200), low: bulk(180), high: bulk(230), leading: bumps, count: 400, belowFloor: 0, floor: 1e-4, certainZeros: 0,
    squaredNorm: { value: 220, low: 215, high: 226, failure: 0.05 }, tailMass: { mass: 21, low: 16, high: 27 }, rest: { estimate: 1, bound: 1.1, failure: 1e-6 }, ...changes,
  };
};

const partial = (changes: Partial<DensityView> = {}) =>
  exampleView({ singularValues: Float64Array.of(8, 7, 6, 5, 4, 3), errors: Float64Array.of(0.01, 0.01, 0.01, 0.01, 0.01, 0.4), floor: 1e-4, density: density(changes), facts: { ...exampleView().facts, method: "krylov", exact: false, complete: false } });

describe("the density of known values", () => {
  it(`holds as many values as there are above the floor (seed ${String(seed)})`, () => {
    const draws = random(seed, "density");
    const values = Float64Array.from({ length: 500 }, () => 10 ** (4 * draws.uniform() - 2)).sort().reverse();
    const found = smoothed(values, 0.1);
    expect(found && integral(found.axis, found.curve)).toBeCloseTo(values.filter((value) => value >= 0.1).length, 8);
  });

  it("of a value is a bump at its place", () => {
    const found = smoothed(Float64Array.of(100, 0, 1e-12), 1e-6);
    const highest = found?.curve.indexOf(Math.max(...found.curve)) ?? -1;
    expect(found?.axis[highest]).toBeCloseTo(2, 1);
  });

  it("of nothing above the floor is none", () => {
    expect(smoothed(Float64Array.of(0, 0), 0)).toBeNull();
    expect(smoothed(Float64Array.of(1e-9), 1e-6)).toBeNull();
  });
});

describe("the picture of leading part and rest", () => {
  it("joins points and band on one axis that holds both", () => {
    const picture = densityPicture(partial());
    expect(picture).toMatchObject({ exact: false });
    expect(picture?.range.x.low).toBeLessThan(0.011);
    expect(picture?.range.x.high).toBeGreaterThan(8);
    expect(picture?.band?.low).toHaveLength(picture?.x.length ?? -1);
    expect(picture?.range.y.high).toBeGreaterThan(230);
  });

  it("shows every leading value once, the information space filled, each with its error bar", () => {
    const view = partial();
    const picture = densityPicture(view);
    if (!picture) throw new Error("no picture");
    const points = densityPoints(view, picture, 2);
    expect(points.map((point) => point.x)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(points.map((point) => point.filled)).toEqual([false, false, false, false, true, true]);
    expect(points[0]).toMatchObject({ low: 2.6, high: 3.4 });
    expect(points.every((point) => point.y >= picture.range.y.low && point.y <= picture.range.y.high)).toBe(true);
  });

  it("brings the floor into the picture where it is near, and leaves it out where it is far", () => {
    const near = densityPicture({ ...partial(), floor: 2e-3 });
    expect(near?.range.x.low).toBeLessThan(2e-3);
    const far = densityPicture({ ...partial(), floor: 1e-12 });
    expect(far?.range.x.low).toBeGreaterThan(1e-3);
  });

  it.each<[string, number]>([["tiny", 1e-290], ["huge", 1e290]])("holds %s values", (_, scale) => {
    const values = Float64Array.from({ length: 40 }, (_v, i) => scale * 10 ** (-i / 20));
    const picture = densityPicture(exampleView({ singularValues: values, floor: 0 }));
    expect(picture?.x.every((x) => x > 0 && Number.isFinite(x))).toBe(true);
    expect((picture?.range.x.low ?? 0) > 0 && (picture?.range.x.low ?? 1) < (values.at(-1) ?? 0)).toBe(true);
  });

  it("of a few values, or of some of many without a density, is none", () => {
    expect(densityPicture(exampleView())).toBeNull();
    const some = exampleView({ singularValues: Float64Array.from({ length: 40 }, (_, i) => 40 - i) });
    expect(densityPicture({ ...some, facts: { ...some.facts, complete: false } })).toBeNull();
    expect(densityPicture(some)).toMatchObject({ exact: true, band: null, leading: null });
  });
});

describe("what leading part and rest hold of the Frobenius norm", () => {
  it("comes with the error that follows from error bars and interval", () => {
    const view = partial();
    const held = heldBy(view, 2);
    expect(held).toEqual({ value: 113, low: 113 - 0.01 * 16.01 - 0.01 * 14.01, high: expect.closeTo(113 + 0.01 * 16.01 + 0.01 * 14.01, 12) as number });
    expect(shareOf(held, { value: 220, low: 215, high: 226 })).toEqual({ value: 113 / 220, low: held.low / 226, high: (held.high ?? 0) / 215 });
  });

  it("is said in words, without an interval where it is narrower than what is printed", () => {
    expect(shareTexts({ value: 0.907, low: 0.899, high: 0.914 })).toEqual({ value: "90.7 %", detail: "89.9 to 91.4 %" });
    expect(shareTexts({ value: 0.5, low: 0.49999, high: 0.50001 })).toEqual({ value: "50.0 %", detail: "" });
    expect(shareOf({ value: 21, low: 16, high: null }, { value: 220, low: 215, high: null })).toEqual({ value: 21 / 220, low: 0, high: 1 });
  });

  it("lists norm, information space, leading values, tail and what bounds the rest", () => {
    const rows = massRows(partial({ belowFloor: 12.4, certainZeros: 3 }), 2);
    expect(rows.map(({ id, value, detail }) => [id, value, detail])).toEqual([
      ["norm", "220.0", "215.0 to 226.0"], ["information", "51.4 %", "49.9 to 52.7 %"], ["leading", "90.5 %", "86.7 to 94.0 %"], ["tail", "9.5 %", "7.1 to 12.6 %"],
      ["others", "400 values", "about 12 below the rounding floor 1.00×10⁻⁴"], ["rest", "1.100", ""], ["zeros", "3", ""],
    ]);
    const others = massRows(partial({ belowFloor: 12.4, probes: 4, steps: 28 }), 2).find(({ id }) => id === "others");
    expect(others?.detail).toBe("from 4 random probes of 28 steps, about 12 below the rounding floor 1.00×10⁻⁴");
  });

  it("has as many lines at every cut-off, so that they can follow it", () => {
    for (const view of [partial(), exampleView({ singularValues: Float64Array.of(4, 3, 2, 0) })]) {
      expect(new Set([1, 2, 3, 4].map((rank) => massRows(view, rank).map((row) => row.id).join())).size).toBe(1);
    }
    expect(massRows(exampleView(), 4).find((row) => row.id === "tail")?.value).toBe("nothing");
  });

  it("leaves out a bound that could not be given", () => {
    expect(massRows(partial({ rest: { estimate: 1, bound: null, failure: 1e-6 }, squaredNorm: { value: 220, low: 215, high: null, failure: 0.05 } }), 2).map(({ id, detail }) => `${id} ${detail}`)).toContain("norm at least 215.0");
  });

  it("is the drawing's finding in words", () => {
    expect(describeDensity(partial(), 2)).toContain("6 leading values as points, the others as values per decade with a band");
    expect(describeDensity(partial(), 2)).toContain("in the others, the tail: 9.5 % (7.1 to 12.6 %)");
  });
});

describe("error bars", () => {
  it("stand at the drawn points, with the bound of each or one for all", () => {
    expect(whiskers([{ x: 1, y: 8 }, { x: 3, y: 2 }], Float64Array.of(0.5, 9, 0.25))).toEqual([{ x: 1, y: 8, low: 7.5, high: 8.5 }, { x: 3, y: 2, low: 1.75, high: 2.25 }]);
    expect(whiskers([{ x: 1, y: 8 }], 1)).toEqual([{ x: 1, y: 8, low: 7, high: 9 }]);
    expect(whiskers([{ x: 1, y: 8 }], null)).toEqual([]);
    expect([errorText(Float64Array.of(5.12e-5), 0), errorText(null, 0)]).toEqual(["± 5.1×10⁻⁵", ""]);
  });

  it("that meet across the cut-off are warned of, those of values that were not computed too", () => {
    const values = Float64Array.of(8, 4, 3.9, 1);
    expect(gapView(values, 1, { errors: 0.01, density: null }).warning).toBeNull();
    expect(gapView(values, 2, { errors: 0.01, density: null }).warning?.label).toBe("ill-conditioned");
    expect(gapView(values, 2, { errors: 0.06, density: null }).warning?.label).toBe("not certain");
    expect(overlapAt(values, { errors: 0.01, density: density({ rest: { estimate: 4, bound: 4.5, failure: 1e-6 } }) }, 2)).toContain("rank 2");
    expect(largestBeyond(values, { errors: null, density: null }, 2)).toBeNull();
  });

  it("bound the gap after the last value that was computed", () => {
    expect(gapView(Float64Array.of(8, 3), 2, partial()).text).toBe("≥ 2.727");
    expect(gapView(Float64Array.of(8, 3), 2).text).toBe("no value beyond");
  });
});
