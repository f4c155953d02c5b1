import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/analysis/plan/plan.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import { duration } from "../../../src/cli/print/plan.ts";
import { runWith } from "./fakes.ts";

const samplePlan = (changes: Partial<Plan> = {}): Plan => ({
  samples: 200, outputs: 10, parameters: 7510, provider: "cpu", limit: 2 ** 32, base: 2 ** 27,
  methods: [
    { method: "gram", flops: 1.33e10, memory: 3 * 2 ** 30, parts: [{ what: "Gram matrix [2000, 2000]", bytes: 32e6, power: 2 }], seconds: 75, returns: "all singular values", fits: true, why: null },
    { method: "krylov", flops: null, memory: null, parts: [], seconds: null, returns: "the leading ones", fits: false, why: "needs a derivative rule for Foo" },
  ],
  chosen: "gram", because: "all singular values fit 4 GiB", advice: [],
  withoutRule: [{ parameter: "w", operator: "Foo", node: "node7" }],
  throughput: { single: 4e11, double: 2e11, moved: 1e11, eigen: 6e9 },
  ...changes,
});

const none = samplePlan({ chosen: null, because: "no method fits 4 GiB: gram needs 9 GiB", advice: ["--memory 9GiB for --method gram", "--samples 100 for --method gram"] });

describe("jacobian-lens plan", () => {
  it("prints methods, what is chosen and why, parameters without a rule, and what the machine can do", async () => {
    const asked: AnalysisRequest[] = [];
    const plan = (request: AnalysisRequest): Promise<Plan> => { asked.push(request); return Promise.resolve(samplePlan()); };
    const { status, out, error } = await runWith(["plan", "net.onnx", "--data", "d.npz", "--samples", "200", "--memory", "4GiB", "--rank", "9", "--quiet"], { plan });
    expect([status, error]).toEqual([0, ""]);
    expect(asked).toEqual([{ model: "net.onnx", data: "d.npz", samples: 200, memory: 2 ** 32, cutoff: { kind: "rank", value: 9 } }]);
    expect(out).toContain("200 samples × 10 outputs · 7,510 parameters · cpu · at most 4 GiB, of which 128 MiB are taken already");
    expect(out).toMatch(/→ {2}gram +13\.3 G +3 GiB +1\.3 min +yes +all singular values/);
    expect(out).toMatch(/krylov +– +– +– +no +needs a derivative rule for Foo/);
    expect(out).toContain("gram, because all singular values fit 4 GiB");
    expect(out).toContain('w (Foo at node "node7")');
    expect(out).toContain("400 GFLOP/s in float32, 200 GFLOP/s in float64");
  });

  it("says what the device has, what the method takes of it, and the batches", async () => {
    const [gram] = samplePlan().methods;
    const deviceMemory = { free: 7 * 2 ** 30, total: 8 * 2 ** 30, shared: false, source: "nvidia-smi, GPU 0 (NVIDIA L4)", run: 448 * 2 ** 20, batch: { products: 200, gradients: 50 } };
    const printed = async (changes: Partial<Plan>): Promise<string> => (await runWith(["plan", "net.onnx", "--data", "d.npz", "--quiet"], { plan: () => Promise.resolve(samplePlan({ provider: "cuda", ...changes })) })).out;
    const methods = [{ ...gram!, device: 3 * 2 ** 29 }];
    expect(await printed({ deviceMemory, methods })).toMatch(/^on the device {3}7 GiB of 8 GiB free \(nvidia-smi, GPU 0 \(NVIDIA L4\)\) · about 1\.5 GiB for graphs · batches of 200 samples, 50 where gradients are written$/m);
    expect(await printed({ deviceMemory: null, methods })).toMatch(/^on the device {3}about 1\.5 GiB for graphs$/m);
    expect(await printed({})).not.toContain("on the device");
  });

  it("prints the plan alone as JSON with --json -", async () => {
    const { status, out } = await runWith(["plan", "net.onnx", "--data", "d.npz", "--json", "-", "--quiet"], { plan: () => Promise.resolve(samplePlan()) });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual(samplePlan());
  });

  it("ends with status 4, the reason and what to do where nothing fits, after the table", async () => {
    const { status, out, error } = await runWith(["plan", "net.onnx", "--data", "d.npz", "--quiet"], { plan: () => Promise.resolve(none) });
    expect(status).toBe(4);
    expect(out).toContain("none: no method fits 4 GiB");
    expect(out).toContain("--memory 9GiB for --method gram; --samples 100 for --method gram");
    expect(error).toMatch(/^error MEMORY: .*no method fits 4 GiB.*\nhint: What would fit: --memory 9GiB/);
  });

  it("speaks of the method and not of memory where the one asked for cannot be used at all", async () => {
    const unusable = samplePlan({ chosen: null, because: "--method krylov needs a derivative rule for Foo", advice: ["--method gram: all singular values"] });
    const { status, error } = await runWith(["plan", "net.onnx", "--data", "d.npz", "--method", "krylov", "--quiet"], { plan: () => Promise.resolve(unusable) });
    expect(status).toBe(4);
    expect(error).toBe("error JACOBIAN_METHOD: The analysis cannot be done: --method krylov needs a derivative rule for Foo.\nhint: What can be used: --method gram: all singular values.\n");
  });

  it("says times as people do", () => {
    expect([0.0123, 45.67, 90, 5400].map(duration)).toEqual(["0.012 s", "46 s", "1.5 min", "1.5 h"]);
  });
});
