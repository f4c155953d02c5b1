import { describe, expect, it } from "vitest";
import { baseName, toLensView, toSummary, withCutoffOf, withRank } from "../../../src/protocol/view.ts";
import { sampleResult } from "./sample-result.ts";

describe("the view of a result", () => {
  const view = toLensView(sampleResult(), "run-1");

  it("names the files by their last part on every system", () => {
    expect(view.model).toEqual({ path: "/models/net.onnx", name: "net.onnx" });
    expect([baseName("C:\\a\\b.onnx"), baseName("b.onnx")]).toEqual(["b.onnx", "b.onnx"]);
  });

  it("carries the arrays as Float64Array and counts the parameters", () => {
    expect(view.singularValues).toEqual(Float64Array.of(4, 2, 1, 0.5));
    expect(view.labels?.cumulative).toEqual(Float64Array.of(0.36, 0.64, 0.9, 1));
    expect(view.randomLabels?.low).toEqual(Float64Array.of(0.1, 0.4, 0.6, 1));
    expect(view.facts.parameters).toBe(8);
  });

  it("lists only the checks that were made", () => {
    expect(view.checks.map(({ name, passed }) => [name, passed])).toEqual([["adjoint", true], ["finiteDifference", false]]);
  });

  it("keeps null what was not computed", () => {
    const bare = toLensView(sampleResult({ energy: { labels: null, residual: null, randomLabels: null }, layers: null, fit: null }), "run-2");
    expect(bare).toMatchObject({ labels: null, residual: null, randomLabels: null, layers: null, fit: null });
  });

  it("moves its cut-off to any rank there is and to the nearer end beyond", () => {
    expect(withRank(view, 3).cutoff).toMatchObject({ rank: 3, alpha: 1, gap: 2, rule: "rank 3" });
    expect(withRank(view, 0).cutoff.rank).toBe(1);
    expect(withRank(view, 99).cutoff).toMatchObject({ rank: 4, alpha: 0.5, gap: null });
    expect(withRank(view, 2)).toBe(view);
  });

  it("moves the headline figures with it", () => {
    const summary = toSummary(sampleResult());
    expect(summary).toMatchObject({ rank: 2, labelsInformation: 0.8, residualInformation: 0.5, checksPassed: 1, checksMade: 2, warnings: 1, largest: 4 });
    const moved = withCutoffOf(summary, withRank(view, 3));
    expect(moved).toMatchObject({ rank: 3, alpha: 1, residualInformation: 0.7 });
    expect(moved.labelsInformation).toBeCloseTo(Math.sqrt(0.9), 14);
  });
});
