import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelled, LensError } from "../../../src/core/errors.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import type { Analysis, AnalysisContext } from "../../../src/analysis/context.ts";
import type { ModelOperators } from "../../../src/analysis/operators.ts";
import type { ProductRequest } from "../../../src/analysis/product.ts";
import { runWith, sampleReport, sampleResult } from "./fakes.ts";

const ANALYZE = ["analyze", "net.onnx", "--data", "train.npz"];

const gives = (analysis: Partial<Analysis> = {}) => ({ analyse: (): Promise<Analysis> => Promise.resolve({ result: sampleResult(), gram: null, ...analysis }) });

let folder = "";
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "lens-cli-")); });
afterAll(() => rm(folder, { recursive: true }));

describe("analyze", () => {
  it("prints the facts and the table of energies on standard output, warnings on standard error", async () => {
    const { status, out, error } = await runWith(ANALYZE, gives());
    expect(status).toBe(0);
    expect(out).toBe(`net.onnx on train.npz
2 samples × 2 outputs · 5,018 parameters in 1 tensor
cpu (ONNX Runtime 1.30.0, single precision) · gram, exact · 1.25 s

                ‖Π_I z‖/‖z‖  ‖Π_N z‖/‖z‖  ‖J_I†z‖/‖z‖  ‖z‖
labels y              0.724        0.690      5.44e-3    2
residual f − y        0.886        0.465      5.44e-3    2
random labels         0.500        0.866

cut-off        rank 2 · r = 2 · α = 2 · gap λ_r/λ_{r+1} = 2
spectrum       λ_1 = 4 · ‖J‖_F = 4.583 · 4 values, 1 at or below the rounding floor 1.40e-3
fit            loss 0.75 (sum over samples) · accuracy 0.500
learning rate  η ≤ 1/λ_1² = 0.0625 (theory) · η < 2/λ_1² = 0.125 (stable)
checks         adjoint passed (3.00e-7 against 1.00e-4)
`);
    expect(error).toBe("warning BATCHNORM_FOLDED: BatchNorm is folded into Conv.\nhint: Export in training mode.\n");
  });

  it("shows what was not computed as a dash, and a gap near 1 as ill-conditioned", async () => {
    const result = sampleResult({ energy: { labels: null, residual: null, randomLabels: null }, fit: null, cutoff: { rule: "rank 2", alpha: 2, rank: 2, gap: 1.01, certified: false } });
    const { out } = await runWith(ANALYZE, gives({ result }));
    expect(out).toMatch(/labels y +– +– +– +–\n/);
    expect(out).toContain("gap λ_r/λ_{r+1} = 1.01 (near 1: the split is ill-conditioned)");
    expect(out).not.toContain("fit ");
  });

  it.each([
    ["there is none", 4, "gram", 2, "no gap (the last direction)"],
    ["it was not computed", 4, "krylov", 50, "gap not known"],
    ["a sketch does not tell", 4, "sketch", 2, "gap not known"],
    ["it is zero", 3, "gram", 2, "gap λ_r/λ_{r+1} = ∞"],
  ] as const)("says of a gap without a number why: %s", async (_, rank, name, samples, text) => {
    const sample = sampleResult();
    const result = sampleResult({ data: { ...sample.data, samples }, method: { ...sample.method, name }, cutoff: { rule: "α = 1", alpha: 1, rank, gap: null, certified: false } });
    const { out } = await runWith(ANALYZE, gives({ result }));
    expect(out).toContain(`α = 1 · ${text}\n`);
  });

  it.each([
    [{ atLeast: 2, atMost: 2, failure: 1e-6 }, "r = 2 (certain) ·"], [{ atLeast: 1, atMost: 3, failure: 0 }, "r = 2 (between 1 and 3) ·"], [{ atLeast: 1, atMost: null, failure: 1e-6 }, "r = 2 (at least 1) ·"], [null, "r = 2 ·"],
  ])("prints what is certain of the rank of an α: %o", async (count, text) => {
    const { out } = await runWith(ANALYZE, gives({ result: sampleResult({ cutoff: { rule: "α = 2", alpha: 2, rank: 2, gap: 2, certified: false, count } }) }));
    expect(out).toContain(`α = 2 · ${text}`);
  });

  it("prints how far the shares may be off, where three decimals show it", async () => {
    const { energy } = sampleResult();
    const result = sampleResult({ energy: { ...energy, labels: { ...energy.labels!, errors: { information: 0.0123, nuisance: 4e-5 } }, residual: { ...energy.residual!, errors: null } } });
    const { out } = await runWith(ANALYZE, gives({ result }));
    expect(out).toMatch(/labels y +0\.724 ±0\.012 +0\.690 +5\.44e-3 +2\n/);
    expect(out).toMatch(/residual f − y +0\.886 +0\.465 /);
  });

  it("compares the user's learning rate with the limit of each loss convention", async () => {
    const result = sampleResult({
      request: { model: "net.onnx", data: "train.npz", loss: "l2", learningRate: 0.06 },
      learningRate: { sharpness: 16, theory: 0.0625, divergence: 0.125, inUsersUnits: { "halfSum.divergence": 0.125, "halfSum.ofDivergence": 0.48, "meanOfSquares.divergence": 25, "meanOfSquares.ofDivergence": 0.0024 } },
    });
    const { out } = await runWith(ANALYZE, gives({ result }));
    expect(out).toContain("in your units, stable below: halfSum 0.125, meanOfSquares 25 (yours 0.06)");
  });

  it("prints the JSON alone with --json -, every field of the result in it", async () => {
    const { out, error } = await runWith([...ANALYZE, "--json", "-", "--quiet"], gives());
    expect(JSON.parse(out)).toEqual(sampleResult());
    expect(error).toBe("");
    expect(out).toContain('"singularValues": [4,2,1,0.0001]');
  });

  it("writes JSON, Gram matrix and CSV where asked", async () => {
    const written: Record<string, Tensor> = {};
    const services = { ...gives({ gram: Float64Array.from({ length: 16 }, (_, i) => i) }), writeArray: (path: string, tensor: Tensor): Promise<void> => (void (written[path] = tensor), Promise.resolve()) };
    const [json, csv] = [join(folder, "r.json"), join(folder, "new", "csv")];
    const gram = join(folder, "g.npy");
    const { status, out } = await runWith([...ANALYZE, "--json", json, "--gram", gram, "--csv", csv], services);
    expect([status, out.split("\n")[0]]).toEqual([0, "net.onnx on train.npz"]);
    expect(JSON.parse(await readFile(json, "utf8"))).toEqual(sampleResult());
    expect(written[gram]).toMatchObject({ dtype: "float64", shape: [4, 4] });
    expect((await readdir(csv)).sort()).toEqual(["energies.csv", "layers.csv", "samples.csv", "singular-values.csv"]);
    const read = (name: string): Promise<string> => readFile(join(csv, name), "utf8");
    expect(await read("singular-values.csv")).toBe("s,value,above_floor\n1,4,true\n2,2,true\n3,1,true\n4,0.0001,false\n");
    expect((await read("energies.csv")).split("\n").slice(0, 2)).toEqual(["r,labels,residual,random_mean,random_low,random_high", "1,0.5,0.5,0.2,0,1"]);
    expect(await read("samples.csv")).toBe("sample,nuisance,leverage\n0,0.1,0.3\n1,0.2,0.4\n");
    expect(await read("layers.csv")).toBe('layer,frobenius,share,parameters\n"fc, last",4.583,1,w b\n');
  });

  it("delivers the result and ends with status 1 when a check of it failed", async () => {
    const result = sampleResult({ checks: { adjoint: { error: 0.5, tolerance: 1e-4, passed: false }, finiteDifference: null, samplesIndependent: null } });
    const { status, out, error } = await runWith([...ANALYZE, "--quiet"], gives({ result }));
    expect(status).toBe(1);
    expect(out).toContain("adjoint FAILED (0.5 against 1.00e-4)");
    expect(error).toMatch(/^error CHECK_FAILED: .*adjoint \(error 0.5, allowed 1.00e-4\)\nhint: /);
  });

  it("keeps Gram matrices where --cache says, 2 GiB of them unless told otherwise, and prints what was read from there", async () => {
    const asked: (AnalysisContext["cache"] | null)[] = [];
    const result = sampleResult({
      method: { ...sampleResult().method, reused: { samples: 1, computed: 1 } },
      checks: { ...sampleResult().checks, adjoint: { error: 3e-7, tolerance: 1e-4, passed: true, stored: true } },
    });
    const services = { analyse: (_: unknown, { cache }: AnalysisContext): Promise<Analysis> => (asked.push(cache ?? null), Promise.resolve({ result, gram: null })) };
    const place = join(folder, "grams", "deep");
    const { out } = await runWith([...ANALYZE, "--cache", place], services);
    await runWith([...ANALYZE, "--cache", place, "--cache-size", "500MB"], services);
    await runWith(ANALYZE, services);
    expect(asked).toEqual([{ folder: place, bytes: 2 ** 31 }, { folder: place, bytes: 5e8 }, null]);
    expect(await readdir(place)).toEqual([]);
    expect(out).toContain("gram, exact, 1 of 2 samples stored · 1.25 s");
    expect(out).toContain("adjoint passed when stored (3.00e-7 against 1.00e-4)");
  });

  it("finds out before the work that the output has nowhere to go", async () => {
    const { status, error } = await runWith([...ANALYZE, "--json", join(folder, "none", "r.json")]);
    expect(status).toBe(4);
    expect(error).toMatch(/^error WRITE_FAILED: .*none.r\.json: cannot be written/);
  });

  it("prints the table and writes the other files where one cannot be written, and ends with its error", async () => {
    const json = join(folder, "kept.json");
    const services = { ...gives({ gram: new Float64Array(16) }), writeArray: () => Promise.reject(new LensError("WRITE_FAILED", "g.npy: cannot be written (ENOSPC)", "Make room on that disk, or write to another one.")) };
    const { status, out, error } = await runWith([...ANALYZE, "--gram", join(folder, "g.npy"), "--json", json], services);
    expect([status, JSON.parse(await readFile(json, "utf8"))]).toEqual([4, JSON.parse(JSON.stringify(sampleResult()))]);
    expect(out).toContain("labels y");
    expect(error).toContain("error WRITE_FAILED: g.npy: cannot be written (ENOSPC)\n");
  });

  it("does not write arrays to standard output", async () => {
    const { status, error } = await runWith([...ANALYZE, "--gram", "-"]);
    expect([status, error]).toEqual([2, "error USAGE_VALUE: -: arrays are not written to standard output\nhint: Name a file; ./- is one of that name.\n"]);
  });

  it("reports progress on standard error, on one line of a terminal, not at all when quiet", async () => {
    const services = { analyse: (_: unknown, { progress }: AnalysisContext): Promise<Analysis> => (progress(0.5, "Gram tile 1/2"), progress(1, "done"), Promise.resolve({ result: sampleResult(), gram: null })) };
    expect((await runWith(ANALYZE, services)).error).toMatch(/^ 50 % Gram tile 1\/2\n100 % done\nwarning/);
    expect((await runWith(ANALYZE, services, { errorLive: true })).error).toMatch(/^\r\u001b\[2K 50 % Gram tile 1\/2\r\u001b\[2K100 % done\r\u001b\[2K\u001b\[33mwarning/);
    expect((await runWith([...ANALYZE, "--quiet"], services)).error).toBe("");
  });

  it("uses colours only on a terminal", async () => {
    expect((await runWith(ANALYZE, gives())).out).not.toContain("\u001b");
    expect((await runWith(ANALYZE, gives(), { outColour: true })).out).toContain("\u001b[32mpassed\u001b[39m");
  });
});

describe("ending early", () => {
  const untilAborted = { analyse: (_: unknown, { signal }: AnalysisContext): Promise<Analysis> => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => { reject(cancelled()); })) };

  it("is status 130 and one word when interrupted", async () => {
    const controller = new AbortController();
    const outcome = runWith(ANALYZE, untilAborted, {}, controller.signal);
    setTimeout(() => { controller.abort(); }, 10);
    expect(await outcome).toEqual({ status: 130, out: "", error: "interrupted\n" });
  });

  it("interrupts work with a time limit too", async () => {
    const controller = new AbortController();
    const outcome = runWith([...ANALYZE, "--timeout", "1h"], untilAborted, {}, controller.signal);
    setTimeout(() => { controller.abort(); }, 10);
    expect((await outcome).status).toBe(130);
  });

  it("is an error that names the limit when the time is up", async () => {
    const { status, error } = await runWith([...ANALYZE, "--timeout", "0.02s"], untilAborted);
    expect(status).toBe(4);
    expect(error).toMatch(/^error TIMEOUT: the work was not done after 0.02 s/);
  });
});

describe("errors", () => {
  const failing = (error: Error) => ({ analyse: (): Promise<never> => Promise.reject(error) });

  it("are one line each for message and hint, whatever a library put in them", async () => {
    const { status, out, error } = await runWith(ANALYZE, failing(new LensError("RUNTIME_LOAD", "could not load:\n  line two", "Check\nit.")));
    expect([status, out, error]).toEqual([4, "", "error RUNTIME_LOAD: could not load: line two\nhint: Check it.\n"]);
  });

  it("show where they happened only with --debug", async () => {
    const thrown = new Error("not ours");
    expect((await runWith(ANALYZE, failing(thrown))).error).toMatch(/^error INTERNAL: not ours\nhint: .*\n$/);
    const debugged = await runWith([...ANALYZE, "--debug"], failing(thrown));
    expect(debugged.error).toContain("commands.test.ts");
    expect(debugged.status).toBe(4);
  });
});

describe("product", () => {
  const PRODUCT = ["product", "net.onnx", "--data", "train.npz"];

  it("reads a direction by parameter name and writes J·v as float64", async () => {
    let asked: ProductRequest | undefined;
    let wrote: Tensor | undefined;
    const direction = { w: float32([1], [2]) };
    const out = join(folder, "jv.npy");
    const outcome = await runWith([...PRODUCT, "--jvp", "v.npz", "--out", out, "--method", "exact"], {
      readArrays: (path) => Promise.resolve(path === "v.npz" ? direction : {}),
      product: (request) => ((asked = request), Promise.resolve({ kind: "jvp", value: Float64Array.of(1, 2, 3) })),
      writeArray: (_, tensor) => ((wrote = tensor), Promise.resolve()),
    });
    expect(outcome).toEqual({ status: 0, out: `${out}: J·v, float64 [3]\n`, error: "" });
    expect(asked).toEqual({ model: "net.onnx", data: "train.npz", direction });
    expect(wrote).toEqual({ dtype: "float64", shape: [3], data: Float64Array.of(1, 2, 3) });
  });

  it("reads a cotangent and writes Jᵀ·u, one array per parameter", async () => {
    const gradients = { w: float32([1], [2]), b: float32([1], [3]) };
    const out = join(folder, "jtu.npz");
    let asked: ProductRequest | undefined;
    let wrote: unknown;
    const outcome = await runWith([...PRODUCT, "--vjp", "u.npy", "--out", out], {
      readVector: () => Promise.resolve(Float64Array.of(1, 2)),
      product: (request) => ((asked = request), Promise.resolve({ kind: "vjp", gradients })),
      writeArrays: (_, tensors) => ((wrote = tensors), Promise.resolve()),
    });
    expect(outcome).toEqual({ status: 0, out: `${out}: Jᵀ·u, 2 arrays\n`, error: "" });
    expect(asked).toMatchObject({ cotangent: Float64Array.of(1, 2) });
    expect(wrote).toBe(gradients);
  });
});

describe("operators", () => {
  const model = (missing: ModelOperators["missing"]): ModelOperators => ({
    path: "net.onnx",
    opset: 17,
    operators: [{ operator: "Gemm", domain: "", count: 2, covered: true, nodes: ["a", "b"] }, { operator: "Thing", domain: "com.x", count: 1, covered: missing.length === 0, nodes: ["t"] }],
    missing,
    parameters: [
      { name: "fc.weight", shape: [10, 4], count: 40, layer: "fc", chosen: true, reason: "floating initializer used as a weight" },
      { name: "bn.running_mean", shape: [4], count: 4, layer: "bn", chosen: false, reason: "running mean of BatchNormalization" },
    ],
    warnings: [{ code: "HALF_PRECISION", message: "The model holds float16 numbers.", hint: "Nothing to do." }],
  });

  it("lists the table of rules", async () => {
    const rules = [{ operator: "MatMul", domain: "", kind: "rule", note: "bilinear" }, { operator: "Floor", domain: "", kind: "zero", note: "stepwise" }] as const;
    const { status, out } = await runWith(["operators"], { listRules: () => Promise.resolve(rules) });
    expect([status, out]).toEqual([0, "operator  kind\nMatMul    rule  bilinear\nFloor     zero  stepwise\n\n2 operators\n"]);
  });

  it("is status 0 when every operator of a model has a rule", async () => {
    const { status, out } = await runWith(["operators", "net.onnx"], { modelOperators: () => Promise.resolve(model([])) });
    expect(status).toBe(0);
    expect(out).toContain("every operator has a derivative rule");
  });

  it("tells which tensors are parameters, which are not and why, and how the file was exported", async () => {
    const { out } = await runWith(["operators", "net.onnx"], { modelOperators: () => Promise.resolve(model([])) });
    expect(out).toContain("1 parameter tensor with 40 entries; not taken:\n  running mean of BatchNormalization  1  bn.running_mean\n");
    expect(out).toContain("The model holds float16 numbers.\n  Nothing to do.\n");
  });

  it("is status 1 and names the nodes and the way out when a rule is missing", async () => {
    const missing = [{ operator: "com.x.Thing", nodes: ["t"], hint: "Decompose it." }];
    const { status, out } = await runWith(["operators", "net.onnx"], { modelOperators: () => Promise.resolve(model(missing)) });
    expect(status).toBe(1);
    expect(out).toContain("com.x.Thing has no rule: t\n  Decompose it.\n1 operator without a derivative rule");
    const json = await runWith(["operators", "net.onnx", "--json", "-"], { modelOperators: () => Promise.resolve(model(missing)) });
    expect([json.status, JSON.parse(json.out)]).toEqual([1, model(missing)]);
  });
});

describe("doctor", () => {
  it("is status 0 when the CPU works, and tells why the others do not", async () => {
    const { status, out } = await runWith(["doctor"], { diagnose: () => Promise.resolve(sampleReport()) });
    expect(status).toBe(0);
    expect(out).toContain("cpu     usable (0.5 s to start)\ncuda    refused: libcudnn.so.9: cannot open shared object file\n        to do: Install cuDNN 9.\n");
    expect(out).toContain("memory            8 GiB, 1 GiB free");
  });

  it("tries the provider asked for beside the CPU, and is status 4 when that one does not work", async () => {
    let asked: unknown;
    const report = sampleReport({ providers: [{ provider: "cuda", usable: false, reason: "no driver", remedy: "Install one.", adapter: null, seconds: 1 }] });
    const { status, error } = await runWith(["doctor", "--provider", "cuda", "--device", "1"], { diagnose: (...given) => ((asked = given.slice(0, 2)), Promise.resolve(report)) });
    expect([status, asked]).toEqual([4, [["cpu", "cuda"], 1]]);
    expect(error).toBe("error RUNTIME_PROVIDER: cuda cannot be used on this machine: no driver\nhint: Install one.\n");
  });

  it("calls a software driver what it is", async () => {
    const report = sampleReport({ providers: [{ provider: "webgpu", usable: true, reason: null, remedy: null, adapter: { name: "SwiftShader", software: true }, seconds: 0.4 }] });
    const { out } = await runWith(["doctor", "--provider", "webgpu"], { diagnose: () => Promise.resolve(report) });
    expect(out).toContain("webgpu  usable on SwiftShader: software on the CPU, not a GPU (0.4 s to start)\n");
  });

  it("says what memory a usable device has, and who says so", async () => {
    const memory = { free: 75 * 2 ** 30, total: 80 * 2 ** 30, shared: false, source: "nvidia-smi, GPU 0 (NVIDIA H100)" };
    const usable = { provider: "cuda", usable: true, reason: null, remedy: null, adapter: { name: "NVIDIA H100", software: false }, seconds: 2.1 } as const;
    const printed = async (own: typeof memory | null): Promise<string> => (await runWith(["doctor"], { diagnose: () => Promise.resolve(sampleReport({ providers: [...sampleReport().providers.slice(0, 1), { ...usable, memory: own }] })) })).out;
    expect(await printed(memory)).toContain("cuda    usable on NVIDIA H100 (75 GiB of 80 GiB free by nvidia-smi, GPU 0 (NVIDIA H100); 2.1 s to start)\n");
    expect(await printed(null)).toContain("cuda    usable on NVIDIA H100 (2.1 s to start)\n");
  });

  it("prints its findings as JSON", async () => {
    const { out } = await runWith(["doctor", "--json", "-"], { diagnose: () => Promise.resolve(sampleReport()) });
    expect(JSON.parse(out)).toEqual({ tool: { name: "jacobian-lens", version: "9.8.7" }, ...sampleReport() });
  });
});
