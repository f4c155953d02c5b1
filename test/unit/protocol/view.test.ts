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

  it("keeps what is certain of the stored cut-off, null of an earlier version, and claims nothing of another", () => {
    const count = { atLeast: 2, atMost: 2, failure: 1e-6 };
    const { cutoff } = sampleResult();
    const certain = toLensView(sampleResult({ cutoff: { ...cutoff, certified: true, count } }), "run-1");
    expect(certain.cutoff).toMatchObject({ certified: true, count });
    expect(withRank(certain, 3).cutoff).toMatchObject({ certified: false, count: null });
    expect(cutoff.count).toBeUndefined();
    expect(view.cutoff.count).toBeNull();
  });

  it("moves the headline figures with it", () => {
    const summary = toSummary(sampleResult());
    expect(summary).toMatchObject({ rank: 2, labelsInformation: 0.8, residualInformation: 0.5, checksPassed: 1, checksMade: 2, warnings: 1, largest: 4 });
    const moved = withCutoffOf(summary, withRank(view, 3));
    expect(moved).toMatchObject({ rank: 3, alpha: 1, residualInformation: 0.7 });
    expect(moved.labelsInformation).toBeCloseTo(Math.sqrt(0.9), 14);
  });

  it("says what ran where, and null what an earlier version did not say", () => {
    expect(view.facts.runtime).toMatchObject({ provider: "cpu", adapter: null, nodes: null, fallback: null, copies: null, tf32: null, host: [], refused: [{ provider: "cuda", reason: "no library" }] });
    const { runtime } = sampleResult();
    const fallback = { count: 1, nodes: [{ name: "n", operator: "Sign" }] };
    expect(toLensView(sampleResult({ runtime: { ...runtime, fallback, tf32: false } }), "run-3").facts.runtime).toMatchObject({ fallback, tf32: false });
  });

  it("knows whether all singular values are there", () => {
    expect(view.facts.complete).toBe(true);
    expect(toLensView(sampleResult({ singularValues: [4, 2] }), "run-4").facts.complete).toBe(false);
    expect(toLensView(sampleResult({ method: { name: "sketch", products: 0, exact: false, plan: null } }), "run-5").facts.complete).toBe(false);
  });

  it("has the plan without the parts of the memory", () => {
    const method = { method: "gram" as const, flops: 1, memory: 2, parts: [{ what: "all", bytes: 2, power: 0 as const }], seconds: 3, returns: "all", fits: true, why: null };
    const plan = { samples: 2, outputs: 2, parameters: 8, provider: "cpu", limit: 9, base: 1, methods: [method], chosen: "gram" as const, because: "it fits", advice: [], withoutRule: [], throughput: { single: 1, double: 1, moved: 1, eigen: 1 } };
    const { parts: _, ...shown } = method;
    expect(toLensView(sampleResult({ method: { name: "gram", products: 0, exact: true, plan } }), "run-7").facts.plan).toEqual({ chosen: "gram", because: "it fits", limit: 9, methods: [shown] });
  });

  it("has the density as arrays, an open end as null as in JSON", () => {
    const curve = [0, 1, 0];
    const density = {
      axis: [-1, 0, 1], mean: curve, low: curve, high: curve, leading: curve, count: 7, belowFloor: 1, floor: 1e-6, certainZeros: 0,
      squaredNorm: { value: 3, low: 2, high: Infinity, failure: 0.05 }, tailMass: { mass: 1, low: 0, high: 2 }, rest: { estimate: 1, bound: Infinity, failure: 1e-6 },
    };
    const shown = toLensView(sampleResult({ density, errors: [1, 2, 3, 4] }), "run-6");
    expect(shown.density).toMatchObject({ axis: Float64Array.of(-1, 0, 1), squaredNorm: { high: null }, tailMass: { high: 2 }, rest: { bound: null } });
    expect(shown.errors).toEqual(Float64Array.of(1, 2, 3, 4));
    expect(shown.density).not.toHaveProperty("probes");
    expect(toLensView(sampleResult({ density: { ...density, probes: 4, steps: 28 } }), "run-6").density).toMatchObject({ probes: 4, steps: 28 });
  });
});
