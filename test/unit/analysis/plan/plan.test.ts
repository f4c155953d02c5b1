import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDefaults } from "../../../../src/analysis/defaults.ts";
import { analyse } from "../../../../src/analysis/pipeline.ts";
import type { MethodPlan, Plan } from "../../../../src/analysis/plan/plan.ts";
import { planAnalysis } from "../../../../src/analysis/plan/plan-analysis.ts";
import { throughputOf } from "../../../../src/analysis/plan/throughput.ts";
import type { AnalysisRequest, MethodName } from "../../../../src/analysis/request.ts";
import { silent } from "../../../../src/core/progress.ts";
import { random } from "../../../../src/core/random.ts";
import { float32, int64 } from "../../../../src/core/tensor.ts";
import { writeNpz } from "../../../../src/data/write-npy.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { writeModel } from "../../../../src/onnx/write.ts";
import { openRuntime } from "../../../../src/runtime/ort.ts";
import { mlp, ModelMaker, tied } from "../../jacobian/models.ts";

const CASES = fileURLToPath(new URL("../../../fixtures/reference/", import.meta.url));
const SEED = Math.floor(Math.random() * 2 ** 31);
let folder: string;

beforeAll(() => { folder = mkdtempSync(path.join(tmpdir(), "lens-plan-")); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const reference = (name: string, rest: Partial<AnalysisRequest> = {}): AnalysisRequest => ({ model: path.join(CASES, name, "model.onnx"), data: path.join(CASES, name, "data.npz"), ...rest });

const written = (name: string, model: Model, samples: number, width: number, rest: Partial<AnalysisRequest> = {}): AnalysisRequest => {
  writeFileSync(path.join(folder, `${name}.onnx`), writeModel(model.graph, model.opsets));
  writeFileSync(path.join(folder, `${name}.npz`), writeNpz({ x: float32([samples, width], Float32Array.from(random(SEED, name).normals(samples * width))), y: int64([samples], Array.from({ length: samples }, (_, i) => i % 2)) }));
  return { model: path.join(folder, `${name}.onnx`), data: path.join(folder, `${name}.npz`), ...rest };
};

/** A layer, an operator that no rule knows, and another layer. */
const blocked = (): Model => {
  const m = new ModelMaker(SEED, [5]);
  const h = m.call("Tanh", [m.call("MatMul", ["x", m.weight("before", [5, 4])])]);
  const model = m.finish(m.call("MatMul", [m.call("Normalizer", [h], { norm: "L2" }), m.weight("after", [4, 3])]));
  const nodes = model.graph.nodes.map((node) => (node.op === "Normalizer" ? { ...node, domain: "ai.onnx.ml" } : node));
  return { ...model, opsets: new Map([["", 17], ["ai.onnx.ml", 1]]), graph: { ...model.graph, nodes } };
};

const planOf = (request: AnalysisRequest): Promise<Plan> => planAnalysis(request, { progress: silent });

const methodOf = ({ methods }: Plan, method: MethodName): MethodPlan => {
  const found = methods.find((own) => own.method === method);
  if (!found) throw new Error(`no plan for ${method}`);
  return found;
};

describe(`the plan of an analysis (seed ${SEED})`, () => {
  it("counts every method, names what each returns, and chooses one", async () => {
    const plan = await planOf(reference("mlp-relu"));
    expect(plan.methods.map(({ method }) => method).sort()).toEqual(["finite-difference", "gram", "krylov", "rows", "sketch"]);
    for (const { flops, memory, seconds, returns, fits, why, parts } of plan.methods) {
      expect(flops).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThan(0);
      expect(memory).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(memory).toBeGreaterThan(plan.base);
      expect(returns.length).toBeGreaterThan(10);
      expect(fits).toBe(why === null);
    }
    expect(plan.chosen).toBe("gram");
    expect(plan.base).toBeGreaterThan(30 * 2 ** 20);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("counts FLOPs that follow from the sizes alone: eigenproblem and pairs of samples of a two-layer network", async () => {
    const [n, a, h, k] = [40, 6, 9, 3];
    const { rows, columns } = { rows: n * k, columns: a * h + h + h * k + k };
    const plan = await planOf(written("two-layers", mlp(SEED), n, a, { method: "gram", cutoff: { kind: "rank", value: 5 } }));
    const gram = methodOf(plan, "gram");
    const eigen = (4 / 3) * rows ** 3 + 4 * rows ** 2 * (23 + 5);
    const pair = 2 * (a + k * k * h) + 2 * k * k + 2 * (h + k * k * k) + 2 * k * k;
    const passes = 2 * n * (a * h + h * k) + 2 * n * k * h * k;
    expect(gram.flops! / (eigen + pair * n * n)).toBeGreaterThan(0.99);
    expect(gram.flops! / (eigen + pair * n * n + 4 * passes + 100 * n * k * columns)).toBeLessThan(1.01);
    expect(gram.parts.find(({ what }) => what.startsWith("Gram"))?.bytes).toBe(8 * rows ** 2);
  });

  it("is what the analysis does, and is part of its result", async () => {
    const request = written("tall", tied(SEED), 30, 5, { cutoff: { kind: "rank", value: 3 } });
    const { result } = await analyse(request, { progress: silent });
    expect(result.method.name).toBe("rows");
    expect(result.method.plan?.chosen).toBe("rows");
    expect(result.method.plan?.because).toContain("JᵀJ of 35 parameters");
    expect((await planOf({ ...request, gram: true })).chosen).toBe("gram");
    expect((await planOf({ ...request, method: "krylov" })).chosen).toBe("krylov");
  });

  it("says which parameters have no rule, and which methods cannot be used for that", async () => {
    const plan = await planOf(written("blocked", blocked(), 4, 5));
    expect(plan.withoutRule.map(({ parameter, operator }) => `${parameter} ${operator}`)).toEqual(["before ai.onnx.ml.Normalizer"]);
    expect(methodOf(plan, "krylov")).toMatchObject({ fits: false, flops: null, memory: null, seconds: null });
    expect(methodOf(plan, "krylov").why).toContain("Normalizer");
    expect(methodOf(plan, plan.chosen!).fits).toBe(true);
  });

  it("refuses differences of too many entries, with their number", async () => {
    const plan = await planOf(reference("resnet20", { samples: 2, method: "finite-difference" }));
    expect(plan.chosen).toBeNull();
    expect(plan.because).toContain("269,722 parameter entries");
  });

  it("refuses what no method can do in the memory allowed, and says what would do", async () => {
    const request = reference("mlp-relu", { memory: 2 ** 20 });
    const plan = await planOf(request);
    expect(plan.chosen).toBeNull();
    expect(plan.advice.join()).toContain("--memory");
    const refusal = await analyse(request, { progress: silent }).then(() => null, (error: unknown) => error);
    expect(refusal).toMatchObject({ code: "MEMORY", message: expect.stringContaining("does not fit the memory") as unknown, hint: expect.stringMatching(/^What would fit: --memory \d+[MG]iB: the process with model and data takes .* by itself/) as unknown });
  });

  it("grows with the samples as the method does: a matrix with their square", async () => {
    const [few, many] = [await planOf(reference("mlp-relu", { samples: 10 })), await planOf(reference("mlp-relu", { samples: 20 }))];
    const matrix = (plan: Plan): number => methodOf(plan, "gram").parts.find(({ what }) => what.startsWith("Gram"))!.bytes;
    expect(matrix(many)).toBe(4 * matrix(few));
  });

  it("measures the machine once in a process, in a fraction of a second", async () => {
    const runtime = openRuntime("cpu");
    const first = await throughputOf(runtime, "cpu");
    expect(await throughputOf(runtime, "cpu")).toBe(first);
    for (const rate of [first.single, first.double, first.moved, first.kernel, first.eigen]) expect(rate).toBeGreaterThan(1e6);
  });

  it("keeps default requests within 4 GiB", () => {
    expect(withDefaults({ model: "m", data: "d" }).memory).toBe(2 ** 32);
  });
});
