import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Analysis } from "../../../../src/analysis/context.ts";
import { analyse } from "../../../../src/analysis/pipeline.ts";
import type { AnalysisRequest } from "../../../../src/analysis/request.ts";
import { silent } from "../../../../src/core/progress.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { cnn, merged, mlp, ModelMaker, softmaxWeight, tied } from "../../jacobian/models.ts";
import { counting } from "./counting.ts";
import { exactRequest, writtenData, writtenModel } from "./written.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const root = mkdtempSync(path.join(tmpdir(), "lens-stored-"));
let stores = 0;

afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const newStore = () => ({ folder: path.join(root, `store${stores++}`), bytes: 2 ** 24 });

const { runtimes, derivatives, reset } = counting();

const run = (request: AnalysisRequest, cache?: ReturnType<typeof newStore>): Promise<Analysis> => {
  reset();
  return analyse(request, { progress: silent, runtimes, ...(cache ? { cache } : {}) });
};

const prepared = (name: string, model: Model): AnalysisRequest => {
  const shape = model.graph.inputs[0]!.shape!.slice(1) as number[];
  return exactRequest(writtenModel(root, name, model), writtenData(root, name, SEED, 11, shape));
};

/** Largest difference of two lists of numbers, relative to the largest number. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  const scale = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!))) / scale;
};

const expectSame = (found: Analysis, wanted: Analysis): void => {
  expect(distance(found.gram!, wanted.gram!)).toBeLessThan(1e-12);
  expect(distance(found.result.layers!.map((l) => l.frobenius), wanted.result.layers!.map((l) => l.frobenius))).toBeLessThan(1e-12);
  const energies = ({ result: { energy, fit } }: Analysis): number[] => [energy.labels!.information, energy.residual!.information, energy.residual!.norm, energy.randomLabels!.mean[1]!, fit!.loss];
  expect(distance(energies(found), energies(wanted))).toBeLessThan(1e-9);
  expect(found.result.parameters).toEqual(wanted.result.parameters);
  expect(found.result.model.warnings).toEqual(wanted.result.model.warnings);
};

const MODELS: readonly (readonly [string, (seed: number) => Model])[] = [["an MLP", mlp], ["a CNN", cnn], ["a tied weight", tied], ["merged positions", merged], ["a weight without structure", softmaxWeight]];

describe(`a stored Gram matrix (seed ${SEED})`, () => {
  it.each(MODELS)("of %s extended by samples equals the one computed from scratch within 1e-12", async (name, make) => {
    const request = prepared(name, make(SEED));
    const cache = newStore();
    await run({ ...request, samples: 6 }, cache);
    const extended = await run(request, cache);
    expect(extended.result.method.reused).toEqual({ samples: 6, computed: 5 });
    expect(extended.result.checks.adjoint).toMatchObject({ passed: true });
    expect(extended.result.checks.adjoint).not.toHaveProperty("stored");
    expectSame(extended, await run(request));
    expect(readdirSync(cache.folder)).toHaveLength(1);
  });

  it("is extended wherever the new samples stand", async () => {
    const request = { ...prepared("anywhere", cnn(SEED)), shuffle: true };
    const cache = newStore();
    await run({ ...request, samples: 7, seed: 1 }, cache);
    const extended = await run({ ...request, seed: 2 }, cache);
    expect(extended.result.method.reused).toEqual({ samples: 7, computed: 4 });
    expectSame(extended, await run({ ...request, seed: 2 }));
  });

  it.each([
    ["the same samples", {}],
    ["some of the samples", { samples: 4 }],
    ["the samples in another order", { shuffle: true, seed: 3 }],
    ["another loss", { loss: "cross-entropy" }],
    ["another cut-off", { cutoff: { kind: "relative", value: 0.3 } }],
    ["a learning rate", { learningRate: 0.1 }],
  ] as const)("gives %s without any derivative graph", async (_, change) => {
    const request = prepared("again", softmaxWeight(SEED));
    const cache = newStore();
    await run(request, cache);
    const found = await run({ ...request, ...change }, cache);
    expect(derivatives()).toBe(0);
    expect(found.result.method.reused).toEqual({ samples: found.result.data.samples, computed: 0 });
    expect([found.result.checks.adjoint?.stored, found.result.checks.finiteDifference?.stored]).toEqual([true, true]);
    expectSame(found, await run({ ...request, ...change }));
    expect(derivatives()).toBeGreaterThan(0);
  });

  it("gives other labels without any derivative graph", async () => {
    const request = prepared("labels", mlp(SEED));
    const cache = newStore();
    await run(request, cache);
    const other = { ...request, data: writtenData(root, "other-labels", SEED, 11, [6], 1) };
    const found = await run(other, cache);
    expect(derivatives()).toBe(0);
    expectSame(found, await run(other));
  });

  it("is that of l2 whatever the loss asked for: the one of cross-entropy is made from it and equals the one of J̃'s own rows", async () => {
    const request: AnalysisRequest = { ...prepared("losses", cnn(SEED)), loss: "cross-entropy" };
    const cache = newStore();
    await run(request, cache);
    const { result } = await run(request, cache);
    expect(derivatives()).toBe(0);
    const { gram: _, ...rows } = request;
    const direct = await run({ ...rows, method: "rows" });
    const above = direct.result.singularValues.filter((value) => value > 1e-6 * direct.result.singularValues[0]!);
    expect(distance(result.singularValues.slice(0, above.length), above)).toBeLessThan(1e-11);
    expect(distance(result.layers!.map((l) => l.frobenius), direct.result.layers!.map((l) => l.frobenius))).toBeLessThan(1e-11);
  });

  it("is not taken for one of other weights, of another constant, of other parameters or of another precision", async () => {
    const request = prepared("first", constants(1, 2));
    const cache = newStore();
    await run(request, cache);
    const others: readonly AnalysisRequest[] = [
      { ...request, model: writtenModel(root, "weights", constants(1.5, 2)) },
      { ...request, model: writtenModel(root, "constant", constants(1, 3)) },
      { ...request, parameters: ["w"] },
      { ...request, parameters: ["*", "!v"] },
    ];
    for (const other of others) {
      const found = await run(other, cache);
      expect(found.result.method.reused).toMatchObject({ samples: 0 });
      expectSame(found, await run(other));
    }
    expect((await run({ ...request, precision: "single" }, cache)).result.method.reused).toMatchObject({ samples: 0 });
    expect((await run(request, cache)).result.method.reused).toMatchObject({ computed: 0 });
  });

  it("that is damaged is computed again", async () => {
    const request = prepared("damaged", mlp(SEED));
    const cache = newStore();
    await run(request, cache);
    const file = path.join(cache.folder, readdirSync(cache.folder)[0]!);
    const bytes = readFileSync(file);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(file, bytes);
    expectSame(await run(request, cache), await run(request));
    expect((await run(request, cache)).result.method.reused).toMatchObject({ computed: 0 });
  });

  it("that cannot be stored costs a warning, not the result", async () => {
    const request = prepared("unwritable", mlp(SEED));
    const { result } = await run(request, { folder: request.model, bytes: 2 ** 24 });
    expect(result.model.warnings.map(({ code }) => code)).toContain("GRAM_NOT_STORED");
  });

  it("is not asked for where none is to be kept", async () => {
    expect((await run(prepared("none", mlp(SEED)))).result.method.reused).toBeNull();
  });
});

/** tanh(x·W)·V·c with a constant c that is no parameter; `scale` makes other weights. */
const constants = (scale: number, constant: number): Model => {
  const m = new ModelMaker(SEED, [4]);
  const h = m.call("Tanh", [m.call("MatMul", ["x", m.weight("w", [4, 5], scale)])]);
  return m.finish(m.call("Pow", [m.call("Exp", [m.call("MatMul", [h, m.weight("v", [5, 2], 0.3)])]), m.weight("c", [1], constant)]));
};
