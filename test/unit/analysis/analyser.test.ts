import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Analyser } from "../../../src/analysis/analyser.ts";
import { Kept } from "../../../src/analysis/kept.ts";
import { analyse } from "../../../src/analysis/pipeline.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { silent } from "../../../src/core/progress.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { cnn, mixing, mlp, ModelMaker, softmaxWeight } from "../jacobian/models.ts";
import { counting } from "./cache/counting.ts";
import { writtenData, writtenModel } from "./cache/written.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const root = mkdtempSync(path.join(tmpdir(), "lens-analyser-"));

afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const { runtimes, loads, derivatives, reset } = counting();

/** Everything of a result but when it was made and how long that took. */
const lasting = ({ created: _, seconds: __, method: { plan: ___, ...method }, ...rest }: AnalysisResult) => ({ ...rest, method });

const alone = async (request: AnalysisRequest) => lasting((await analyse(request, { progress: silent, runtimes })).result);

const by = async (analyser: Analyser, request: AnalysisRequest) => {
  reset();
  return lasting((await analyser.analyse(request, { progress: silent, runtimes })).result);
};

const requestFor = (name: string, model: Model, change: Partial<AnalysisRequest> = {}): AnalysisRequest => {
  const shape = model.graph.inputs[0]!.shape!.slice(1) as number[];
  return { model: writtenModel(root, name, model), data: writtenData(root, `data-${shape.join("x")}`, SEED, 9, shape), cutoff: { kind: "rank", value: 2 }, ...change };
};

/** tanh(x·W + c)·V with V left out of the parameters; what is computed with c alone is folded into a constant. */
const folded = (seed: number, constant: number): Model => {
  const m = new ModelMaker(seed, [4]);
  const fixed = m.call("Exp", [m.call("Mul", [m.weight("c", [5], constant), m.weight("d", [5])])]);
  return m.finish(m.call("MatMul", [m.call("Tanh", [m.call("Add", [m.call("MatMul", ["x", m.weight("w", [4, 5])]), fixed])]), m.weight("v", [5, 2])]));
};

describe(`an analyser (seed ${SEED})`, () => {
  it.each<readonly [string, (seed: number) => Model, Partial<AnalysisRequest>]>([
    ["an MLP by its Gram matrix", mlp, { method: "gram" }],
    ["a CNN by its Gram matrix", cnn, { method: "gram" }],
    ["a weight without structure", softmaxWeight, { method: "gram" }],
    ["an MLP by its leading triplets", mlp, { method: "krylov" }],
    ["a CNN in float64 and cross-entropy", cnn, { method: "gram", precision: "double", loss: "cross-entropy" }],
  ])("gives two checkpoints of %s the numbers of two one-shot analyses, to the last bit", async (name, make, change) => {
    const [first, second] = [requestFor(`${name} 1`, make(SEED), change), requestFor(`${name} 2`, make(SEED + 1), change)];
    const analyser = new Analyser();
    expect(await by(analyser, first)).toEqual(await alone(first));
    expect(await by(analyser, second)).toEqual(await alone(second));
    expect(await by(analyser, first)).toEqual(await alone(first));
    await analyser.dispose();
  });

  it("loads no graph for a second checkpoint", async () => {
    const [first, second] = [requestFor("loads 1", cnn(SEED), { method: "gram" }), requestFor("loads 2", cnn(SEED + 1), { method: "gram" })];
    const analyser = new Analyser();
    await by(analyser, first);
    expect(derivatives()).toBeGreaterThan(0);
    await by(analyser, second);
    expect(loads()).toBe(0);
    await analyser.dispose();
  });

  it("takes other samples and other sizes through the same network", async () => {
    const request = requestFor("samples", mlp(SEED), { method: "gram" });
    const analyser = new Analyser();
    for (const change of [{}, { samples: 4 }, { shuffle: true, samples: 7, seed: 5 }, { batch: 3 }]) {
      expect(await by(analyser, { ...request, ...change })).toEqual(await alone({ ...request, ...change }));
    }
    await analyser.dispose();
  });

  it("does not confuse models that differ in a constant folded into the graphs, or in the parameters chosen", async () => {
    const base = { method: "gram", parameters: ["w"] } as const;
    const requests = [requestFor("folded 1", folded(SEED, 1), base), requestFor("folded 2", folded(SEED, 2), base), requestFor("folded 3", folded(SEED, 1), { ...base, parameters: ["w", "v"] })];
    const analyser = new Analyser(3);
    for (const request of requests) {
      expect(await by(analyser, request)).toEqual(await alone(request));
      expect(loads()).toBeGreaterThan(0);
    }
    for (const request of requests) {
      expect(await by(analyser, request)).toEqual(await alone(request));
    }
    await analyser.dispose();
  });

  it("runs what is asked for at the same time one after the other", async () => {
    const requests = [1, 2, 3].map((i) => requestFor(`together ${i}`, mlp(SEED + i), { method: "gram" }));
    const analyser = new Analyser();
    const found = await Promise.all(requests.map((request) => by(analyser, request)));
    for (const [i, request] of requests.entries()) expect(found[i]).toEqual(await alone(request));
    await analyser.dispose();
  });

  it("goes on after an analysis that failed or was cancelled", async () => {
    const request = requestFor("fine", mlp(SEED), { method: "gram" });
    const analyser = new Analyser();
    await expect(by(analyser, requestFor("mixing", mixing(SEED), { method: "gram" }))).rejects.toMatchObject({ code: "JACOBIAN_MIXED" });
    const stop = new AbortController();
    await expect(analyser.analyse(request, { progress: () => { stop.abort(); }, runtimes, signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await by(analyser, request)).toEqual(await alone(request));
    await analyser.dispose();
  });
});

describe("what is kept", () => {
  it("is the last few, by use; others are given back, and what failed is made anew", async () => {
    const gone: string[] = [];
    const kept = new Kept<string>(2, (value) => (gone.push(value), Promise.resolve()));
    const make = (value: string) => () => Promise.resolve(value);
    await kept.get("a", make("1"));
    await kept.get("b", make("2"));
    expect(await kept.get("a", make("again"))).toBe("1");
    await kept.get("c", make("3"));
    expect(gone).toEqual(["2"]);
    await expect(kept.get("d", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await kept.get("d", make("4"))).toBe("4");
    await kept.drop("unknown");
    await kept.dispose();
    expect(gone.sort()).toEqual(["1", "2", "3", "4"]);
  });
});
