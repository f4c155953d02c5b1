import { describe, expect, it } from "vitest";
import { part, silent, throttled, weighted } from "../../../src/core/progress.ts";
import type { Progress } from "../../../src/core/progress.ts";

interface Recorder {
  readonly reports: (readonly [number, string])[];
  readonly progress: Progress;
  readonly at: (milliseconds: number) => void;
}

/** A throttled progress on a clock that the test turns. */
const recorder = (): Recorder => {
  let time = 0;
  const reports: (readonly [number, string])[] = [];
  return { reports, progress: throttled((fraction, label) => reports.push([fraction, label]), () => time), at: (milliseconds) => (time = milliseconds) };
};

describe("throttled progress", () => {
  it("passes on the first report at once and then at most ten a second", () => {
    const { reports, progress, at } = recorder();
    for (let i = 0; i < 1000; i++) {
      at(i);
      progress(i / 1001, `tile ${i}`);
    }
    expect(reports).toHaveLength(10);
    expect(reports[0]).toEqual([0, "tile 0"]);
    expect(reports[1]).toEqual([100 / 1001, "tile 100"]);
  });

  it("always passes on the end, even right after another report", () => {
    const { reports, progress } = recorder();
    progress(0.5, "half");
    progress(0.6, "held back");
    progress(1, "done");
    expect(reports).toEqual([[0.5, "half"], [1, "done"]]);
  });

  it("never falls, and never goes above 1", () => {
    const { reports, progress, at } = recorder();
    [0.4, 0.2, 0.7, 1.5].forEach((fraction, i) => {
      at(200 * i);
      progress(fraction, "");
    });
    expect(reports.map(([fraction]) => fraction)).toEqual([0.4, 0.4, 0.7, 1]);
  });

  it("remembers a fraction that it held back", () => {
    const { reports, progress, at } = recorder();
    progress(0.1, "a");
    progress(0.8, "held back");
    at(150);
    progress(0.3, "c");
    expect(reports).toEqual([[0.1, "a"], [0.8, "c"]]);
  });

  it("takes another interval", () => {
    let time = 0;
    const fractions: number[] = [];
    const progress = throttled((fraction) => fractions.push(fraction), () => time, 1000);
    for (const [at, fraction] of [[0, 0.1], [999, 0.2], [1000, 0.3]] as const) {
      time = at;
      progress(fraction, "");
    }
    expect(fractions).toEqual([0.1, 0.3]);
  });
});

describe("a weighted progress", () => {
  it("is the sum of what its parts have done, by their costs, also when they take turns", () => {
    const reports: [number, string][] = [];
    const [collect, multiply] = weighted((fraction, label) => reports.push([fraction, label]), [1e9, 3e9]);
    collect?.(0.5, "a");
    multiply?.(0.5, "b");
    collect?.(1, "c");
    multiply?.(1, "d");
    expect(reports).toEqual([[0.125, "a"], [0.5, "b"], [0.625, "c"], [1, "d"]]);
  });

  it.each([[[0, 5], [0, 1]], [[0, 0], [0.5, 1]]])("of costs %o ends at 1", (costs, expected) => {
    const fractions: number[] = [];
    for (const share of weighted((fraction) => fractions.push(fraction), costs)) share(1, "");
    expect(fractions).toEqual(expected);
  });
});

describe("a part of a progress", () => {
  it("is mapped into its interval, also when nested", () => {
    const fractions: number[] = [];
    const whole: Progress = (fraction) => fractions.push(fraction);
    const half = part(whole, 0.5, 1);
    half(0, "");
    half(1, "");
    part(half, 0.5, 1)(0.5, "");
    expect(fractions).toEqual([0.5, 1, 0.875]);
  });

  it("can be silent", () => {
    expect(() => silent(0.5, "nothing is said")).not.toThrow();
  });
});
