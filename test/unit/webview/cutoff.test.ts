import { describe, expect, it } from "vitest";
import { cutoffState } from "../../../webview/lens/cutoff-state.ts";
import { keptFrom, startingCutoff } from "../../../webview/lens/kept.ts";
import { atAlpha, atRank, describeCutoff, editableAlpha, gapView, presets, rankAfterKey, rankAtPosition, splitPosition } from "../../../webview/lens/model/cutoff.ts";

const values = Float64Array.of(46.358, 8.1234, 6.8661, 6.8001, 1, 0.004, 0);

describe("a cut-off", () => {
  it.each<[number, number]>([[3, 3], [0, 1], [-4, 1], [2.4, 2], [99, 7]])("asked for at rank %d stands at rank %d", (asked, rank) => {
    expect(atRank(values, asked)).toEqual({ rank, alpha: values[rank - 1] });
  });

  it.each<[number, number | null]>([[46.358, 1], [46.36, 1], [47, null], [7, 2], [6.8001, 4], [1e-9, 6], [0, null], [-1, null]])("α = %d keeps the values not below it", (alpha, rank) => {
    expect(atAlpha(values, alpha)?.rank ?? null).toBe(rank);
  });

  it("between two values keeps the α that was typed", () => {
    expect(atAlpha(values, 7)).toEqual({ rank: 2, alpha: 7 });
  });

  it("shows an α that gives the same rank when it is entered again, at every rank", () => {
    const close = Float64Array.from({ length: 500 }, (_, i) => 7.123456789 * (1 - 1e-6 * i));
    for (let rank = 1; rank <= close.length; rank++) expect(atAlpha(close, Number(editableAlpha(close, atRank(close, rank))))?.rank).toBe(rank);
  });

  it("is described with rank, threshold and gap", () => {
    expect(describeCutoff(values, atRank(values, 3))).toBe("rank 3 of 7, α = 6.866, gap 1.010");
    expect(describeCutoff(values, atRank(values, 7))).toBe("rank 7 of 7, α = 0");
  });
});

describe("the gap", () => {
  it.each<[number, string, boolean]>([[1, "5.707", false], [3, "1.010", true], [6, "∞", false], [7, "no value beyond", false]])("after rank %d is %s", (rank, text, warned) => {
    const view = gapView(values, rank);
    expect(view.text).toBe(text);
    expect(view.warning !== null).toBe(warned);
  });

  it("after the last value is not known where more were not computed", () => {
    expect(gapView(values, 7, { errors: null, density: null }, false).text).toBe("not known");
    expect(gapView(values, 6, { errors: null, density: null }, false).text).toBe("∞");
  });

  it("of equal values is 1 and warned of", () => {
    expect(gapView([2, 2, 2], 2)).toMatchObject({ ratio: 1, text: "1.000" });
    expect(gapView([2, 2, 2], 2).warning).toMatchObject({ label: "ill-conditioned", sentence: expect.stringContaining("nearly agree") as string });
  });
});

describe("the line on a logarithmic axis", () => {
  it("stands between its rank and the next, and is found again there, for every rank", () => {
    for (let rank = 1; rank <= 10_000; rank++) {
      expect(splitPosition(rank)).toBeGreaterThan(rank);
      expect(splitPosition(rank)).toBeLessThan(rank + 1);
      expect(rankAtPosition(splitPosition(rank), 10_000)).toBe(rank);
    }
  });

  it("stays on the axis when the pointer leaves it", () => {
    expect([rankAtPosition(0.01, 7), rankAtPosition(1e9, 7)]).toEqual([1, 7]);
  });
});

describe("the keys of the slider", () => {
  it.each<[string, boolean, number | null]>([
    ["ArrowRight", false, 51], ["ArrowUp", false, 51], ["ArrowLeft", false, 49], ["ArrowDown", false, 49], ["ArrowRight", true, 60], ["ArrowLeft", true, 40],
    ["PageUp", false, 250], ["PageDown", false, 1], ["Home", false, 1], ["End", false, 2000], ["a", false, null], ["constructor", false, null],
  ])("%s (shift: %s) leads from rank 50 of 2000 to %s", (key, shift, rank) => {
    expect(rankAfterKey(key, shift, 50, 2000)).toBe(rank);
  });
});

describe("the common cut-offs", () => {
  it("are K², the largest gap above the floor, and 50, each possible only with enough values", () => {
    expect(presets(values, 2, 0.01).map(({ id, rank, possible }) => [id, rank, possible])).toEqual([["preset-classes", 4, true], ["preset-gap", 5, true], ["preset-50", 50, false]]);
    expect(presets(Float64Array.of(3), 1, 0).map(({ rank, possible }) => [rank, possible])).toEqual([[1, true], [1, true], [50, false]]);
  });
});

describe("the page's cut-off", () => {
  it("tells its listeners of changes, and only of changes", () => {
    const state = cutoffState(values, atRank(values, 2));
    const heard: number[] = [];
    state.onChange(({ rank }) => heard.push(rank));
    state.setRank(3);
    state.setRank(3);
    expect(state.setAlpha(0.5)).toBe(true);
    expect(state.setAlpha(1000)).toBe(false);
    expect(heard).toEqual([3, 5]);
    expect(state.current()).toEqual({ rank: 5, alpha: 0.5 });
  });
});

describe("a reload", () => {
  const stored = { rank: 4, alpha: 6.8001 };

  it("finds the cut-off where it was left, typed α included", () => {
    expect(startingCutoff(values, "a", stored, keptFrom({ runId: "a", cutoff: { rank: 2, alpha: 7 } }))).toEqual({ rank: 2, alpha: 7 });
  });

  it("starts where the host has it for another run, and in range when values have changed", () => {
    expect(startingCutoff(values, "b", stored, keptFrom({ runId: "a", cutoff: { rank: 2, alpha: 7 } }))).toEqual(stored);
    expect(startingCutoff(values, "a", stored, keptFrom({ runId: "a", cutoff: { rank: 900, alpha: 7 } }))).toEqual({ rank: 7, alpha: 0 });
  });

  it.each([[null], ["x"], [{}], [{ runId: 3 }]])("forgets a state that is none: %j", (state) => {
    expect(keptFrom(state)).toBeNull();
  });

  it.each([[{ runId: "a" }], [{ runId: "a", cutoff: "x" }], [{ runId: "a", cutoff: { rank: "2", alpha: 1 } }]])("keeps the run of %j without a cut-off", (state) => {
    expect(keptFrom(state)).toEqual({ runId: "a" });
  });
});
