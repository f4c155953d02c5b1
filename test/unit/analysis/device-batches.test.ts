import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Analyser } from "../../../src/analysis/analyser.ts";
import type { RuntimeSource } from "../../../src/analysis/choose-runtime.ts";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import { oneShot } from "../../../src/analysis/network-graphs.ts";
import { exactNames, openNetwork } from "../../../src/analysis/open-network.ts";
import { analyse } from "../../../src/analysis/pipeline.ts";
import { planAnalysis } from "../../../src/analysis/plan/plan-analysis.ts";
import type { MethodPlan } from "../../../src/analysis/plan/plan.ts";
import { checkProvider } from "../../../src/analysis/provider-check.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { Check } from "../../../src/analysis/result.ts";
import { LensError } from "../../../src/core/errors.ts";
import { silent } from "../../../src/core/progress.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import type { DeviceMemory } from "../../../src/gpu-setup/device-memory.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import type { Adapter } from "../../../src/runtime/session.ts";
import { ModelMaker } from "../jacobian/models.ts";
import { fakeDevice, type Mischief } from "./fake-device.ts";
import { largestDifference, reference, run } from "./support.ts";
import { writtenTo } from "./written-models.ts";

const mlp = (rest: Partial<AnalysisRequest> = {}): AnalysisRequest => reference("mlp-relu", { cutoff: { kind: "rank", value: 3 }, ...rest });

const request = (rest: Partial<AnalysisRequest> = {}): AnalysisRequest => mlp({ provider: "cuda", ...rest });

const memoryOf = (free: number, rest: Partial<DeviceMemory> = {}): DeviceMemory => ({ free, total: 2 * free, shared: false, source: "nvidia-smi, GPU 0 (fake)", ...rest });

/** A source that gives a fake device and tells its memory; how often that was asked is counted. */
const sourceOf = (memory: DeviceMemory | null, mischief: Mischief = (results) => results, adapter: Adapter | null = null) => {
  const asked = { count: 0 };
  const runtimes: RuntimeSource = () => Promise.resolve({
    runtime: fakeDevice("cuda", mischief), adapter, refused: [],
    memory: () => {
      asked.count++;
      return Promise.resolve(memory);
    },
  });
  return { asked, runtimes };
};

/** Bytes of forward values for one sample: as they are counted of two to begin with, which share what is made of the weights, and in a large batch. */
const perSample = { counted: 0, large: 0 };
beforeAll(async () => {
  const open = await openNetwork(withDefaults(reference("mlp-relu")), undefined);
  Object.assign(perSample, { counted: (await open.graphs.network(2)).bytesPerSample, large: open.network.bytesPerSample });
  await open.dispose();
});

/** Free memory by which ten of the 40 samples go into a run. */
const forTen = (): number => 10 * 16 * perSample.counted;

/** Rows that a run of a network has: its samples, or its cotangents. Other graphs have none. */
const rowsOf = (feeds: Readonly<Record<string, Tensor>>): number =>
  Math.max(0, ...Object.entries(feeds).map(([name, { shape }]) => ((name === "x" || name.includes("cotangent")) && shape.length > 1 ? (shape[0] ?? 0) : 0)));

/** A device of so many bytes: a run holds the forward values of its rows and eight gradients, and does not begin where that is too much. */
const holding = (bytes: () => number): Mischief => (results, feeds) => {
  const needed = 9 * rowsOf(feeds) * perSample.large;
  if (needed > bytes()) throw new LensError("RUNTIME_MEMORY", `ONNX Runtime ran out of memory: Failed to allocate ${needed} bytes, ${bytes()} are there`, "Take a smaller batch.");
  return results;
};

const halvings = (warnings: readonly { readonly code: string }[]): number => warnings.filter(({ code }) => code === "BATCH_HALVED").length;

describe("batches on a device", () => {
  it.each(["gram", "krylov"] as const)("of method %s are sized by what is free, run without a failure, and change no number", async (method) => {
    const { asked, runtimes } = sourceOf(memoryOf(forTen()), holding(forTen));
    const { result } = await analyse(request({ method }), { progress: silent, runtimes });
    expect(result.runtime.memory).toEqual({ ...memoryOf(forTen()), run: 10 * perSample.counted, batch: { products: 10, gradients: 3 } });
    expect([result.request.batch, halvings(result.model.warnings), asked.count]).toEqual([10, 0, 1]);
    const cpu = await run(mlp({ method }));
    expect(cpu.runtime.memory).toBeNull();
    expect(largestDifference(result.singularValues, cpu.singularValues)).toBeLessThanOrEqual(1e-5 * cpu.singularValues[0]!);
  });

  it("are halved where another program took what was free, until they fit, and that is said", async () => {
    const { asked, runtimes } = sourceOf(memoryOf(forTen()), holding(() => 9 * 6 * perSample.large));
    const { result } = await analyse(request({ method: "krylov" }), { progress: silent, runtimes });
    const cpu = await run(mlp({ method: "krylov" }));
    expect(result.request.batch).toBe(2);
    expect(halvings(result.model.warnings)).toBe(2);
    // Each attempt begins with what is free then.
    expect(asked.count).toBe(3);
    expect(result.runtime.memory?.batch.products).toBe(2);
    expect(largestDifference(result.singularValues, cpu.singularValues)).toBeLessThanOrEqual(1e-5 * cpu.singularValues[0]!);
  });

  it("of one sample go on with fewer of its gradients in a run", async () => {
    const { runtimes } = sourceOf(memoryOf(forTen()), holding(() => 9 * perSample.large));
    const { result } = await analyse(request({ method: "gram" }), { progress: silent, runtimes });
    const cpu = await run(mlp({ method: "gram" }));
    expect(result.runtime.memory?.batch).toEqual({ products: 1, gradients: 1 });
    expect(result.model.warnings.filter(({ code }) => code === "BATCH_HALVED").at(-1)?.message).toMatch(/^cuda ran out of memory with 1 sample in a batch and [2-9] of its gradients in a run; half as many gradients were tried next\.$/);
    expect(largestDifference(result.singularValues, cpu.singularValues)).toBeLessThanOrEqual(1e-5 * cpu.singularValues[0]!);
  });

  it("are the process' where the device does not tell its memory, and where it computes in that of the process", async () => {
    const batch = async (memory: DeviceMemory | null): Promise<number | undefined> => (await analyse(request(), { progress: silent, runtimes: sourceOf(memory).runtimes })).result.request.batch;
    expect([await batch(null), await batch(memoryOf(forTen(), { free: null })), await batch(memoryOf(forTen(), { shared: true }))]).toEqual([40, 40, 40]);
  });

  it("stay the same for the next checkpoint, whose graphs are there already and take what was free", async () => {
    const { asked, runtimes } = sourceOf(memoryOf(forTen()));
    const analyser = new Analyser();
    const context = { progress: silent, runtimes };
    const plan = await analyser.plan(request(), context);
    const first = (await analyser.analyse(request(), context)).result;
    const second = (await analyser.analyse(request({ samples: 30 }), context)).result;
    await analyser.dispose();
    expect([plan.deviceMemory?.run, first.runtime.memory?.run, second.runtime.memory?.run, asked.count]).toEqual([...Array<number>(3).fill(10 * perSample.counted), 1]);
  });
});

describe("the plan of an analysis on a device", () => {
  const planned = async (memory: DeviceMemory | null, adapter: Adapter | null = null): Promise<Record<string, MethodPlan>> => {
    const { methods } = await planAnalysis(request(), { progress: silent, runtimes: sourceOf(memory, undefined, adapter).runtimes });
    return Object.fromEntries(methods.map((own) => [own.method, own]));
  };
  const engine = (plan: MethodPlan | undefined): number => plan?.parts.find(({ what }) => what === "ONNX Runtime")?.bytes ?? 0;

  it("has the runs of graphs on the device, and only their results in the process", async () => {
    const [apart, within] = [await planned(memoryOf(2 ** 33)), await planned(memoryOf(2 ** 33, { shared: true }))];
    for (const method of ["krylov", "sketch", "rows"]) {
      expect(apart[method]?.device).toBeGreaterThan(0);
      expect(within[method]?.device).toBeNull();
      expect(engine(apart[method])).toBeLessThan(engine(within[method]));
    }
    // What the device holds is more than what the process no longer does: weights and samples are copied there.
    expect(apart.krylov!.device).toBeGreaterThan(engine(within.krylov) - engine(apart.krylov));
  });

  it("takes a GPU of which nothing is known to have memory of its own, and a software driver to have none", async () => {
    expect((await planned(null)).krylov?.device).toBeGreaterThan(0);
    expect((await planned(null, { name: "SwiftShader", software: true })).krylov?.device).toBeNull();
  });
});

describe("the check of a provider whose batch is larger than the process would take", () => {
  const SEED = 7;
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(path.join(tmpdir(), "lens-device-")); });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  /** Checked with batches of 16 on the device and, first, of `size` on the CPU; sizes of what the CPU was given. */
  const checked = async (own: AnalysisRequest, mischief: Mischief, size = 3): Promise<Check | null> => {
    const filled = withDefaults({ ...own, provider: "cuda", batch: 16 });
    const open = await openNetwork(filled, undefined, oneShot, () => sourceOf(null, mischief).runtimes(filled, { without: [] }));
    try {
      return await checkProvider({ ...open, processBatch: size }, await open.graphs.products(open.network, exactNames(open)), SEED);
    } finally {
      await open.dispose();
    }
  };

  /** The last entry of each result of a whole batch is off: that of the last row. */
  const lastRow: Mischief = (results) => Object.fromEntries(Object.entries(results).map(([name, tensor]) => {
    if (tensor.dtype !== "float32" || tensor.shape[0] !== 16) return [name, tensor];
    const data = tensor.data.slice();
    data[data.length - 1]! += 1;
    return [name, float32(tensor.shape, data)];
  }));

  it("looks at every row of it, at the CPU's price of a small one", async () => {
    const right = await checked(reference("mlp-relu"), (results) => results);
    expect(right?.error).toBeLessThan(1e-6);
    expect(right?.passed).toBe(true);
    await expect(checked(reference("mlp-relu"), lastRow)).rejects.toMatchObject({ code: "RUNTIME_DIFFERS", message: expect.stringContaining("16 samples differ") as string });
  });

  /** tanh(x·W + a hundredth of the row's number): right in any batch, but not the same in all. */
  const placed = (): Model => {
    const m = new ModelMaker(SEED, [4]);
    const count = m.call("Gather", [m.call("Shape", ["x"]), m.scalar("first", 0)], { axis: 0 });
    const rows = m.call("Unsqueeze", [m.call("Cast", [m.call("Range", [m.scalar("from", 0), count, m.scalar("step", 1)])], { to: 1 }), m.ints("last", [1])]);
    const places = m.call("Mul", [rows, m.constant("hundredth", float32([], [0.01]))]);
    return m.finish(m.call("Tanh", [m.call("Add", [m.call("MatMul", ["x", m.weight("w", [4, 3])]), places])]));
  };

  it("takes the whole batch on the CPU too before it refuses a model that reads a sample's place in the batch", async () => {
    const own = writtenTo(folder, SEED, "placed", placed(), 20, [4]);
    expect(await checked(own, (results) => results)).toMatchObject({ passed: true });
    await expect(checked(own, lastRow)).rejects.toMatchObject({ code: "RUNTIME_DIFFERS" });
  });
});
