import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import type { Decomposition } from "../../../src/analysis/methods/decomposition.ts";
import { METHODS } from "../../../src/analysis/methods/index.ts";
import { exactNames, openNetwork } from "../../../src/analysis/open-network.ts";
import type { AnalysisRequest, MethodName } from "../../../src/analysis/request.ts";
import { silent } from "../../../src/core/progress.ts";
import { float32, int64 } from "../../../src/core/tensor.ts";
import { writeNpz } from "../../../src/data/write-npy.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { ModelMaker } from "../jacobian/models.ts";
import { scratch } from "./model-files.ts";
import { bounds, expectedOf, reference, run } from "./support.ts";

const folder = scratch();
const N = 8;
const CLASSES = 3;

/** Lengths of the inputs: 1 … 10^{−11.9}. */
const lengths = Float64Array.from({ length: N }, (_, i) => Math.fround(10 ** (-1.7 * i)));

/** Sylvester's matrix: rows of ±1, orthogonal. */
const hadamard = (i: number, j: number): number => ([1, 2, 4].filter((bit) => (i & bit) !== 0 && (j & bit) !== 0).length % 2 === 0 ? 1 : -1);

/**
 * f = (x·A)·W with A = I − ¼·11ᵀ, orthogonal, and rows of x orthogonal of length √8·d_i: with respect to W, J = (x·A) ⊗ I has the singular values
 * √8·d_i, K times each, and u's that are single samples'. All numbers are exact in float32, their products are not.
 */
const graded = (cutoff: AnalysisRequest["cutoff"]): AnalysisRequest => {
  const m = new ModelMaker(1, [N]);
  const mixed = m.call("MatMul", ["x", m.constant("mix", float32([N, N], Float32Array.from({ length: N * N }, (_, e) => (e % (N + 1) === 0 ? 0.75 : -0.25))))]);
  const model = m.finish(m.call("MatMul", [mixed, m.weight("W", [N, CLASSES])]));
  const [file, data] = [path.join(folder, "graded.onnx"), path.join(folder, "graded.npz")];
  writeFileSync(file, writeModel(model.graph, model.opsets));
  const x = Float32Array.from({ length: N * N }, (_, e) => lengths[Math.floor(e / N)]! * hadamard(Math.floor(e / N), e % N));
  writeFileSync(data, writeNpz({ x: float32([N, N], x), y: int64([N], Array.from({ length: N }, (_, i) => i % CLASSES)) }));
  return { model: file, data, parameters: ["W"], ...(cutoff ? { cutoff } : {}) };
};

const exact = Float64Array.from({ length: N * CLASSES }, (_, s) => Math.sqrt(8) * lengths[Math.floor(s / CLASSES)]!);

const codes = (result: { readonly model: { readonly warnings: readonly { readonly code: string }[] } }): string[] => result.model.warnings.map((w) => w.code);

/** A method with so little memory that J is not held. */
const withLittleMemory = async (method: MethodName, request: AnalysisRequest): Promise<Decomposition> => {
  const filled = { ...withDefaults(request), memory: 2 ** 26 };
  const open = await openNetwork(filled, undefined);
  try {
    const products = await open.graphs.products(open.network, exactNames(open));
    return await METHODS[method]({ open, products, request: filled, labels: null, progress: silent, signal: undefined });
  } finally {
    await open.dispose();
  }
};

describe("a cut-off under the floor of float32 gradients", () => {
  it.each([["gram", 5], ["rows", 7], ["krylov", 7], ["auto", 6]] as const)("--method %s is refined: rank K·%i is where it is in closed form, and it is said", async (method, kept) => {
    const result = await run({ ...graded({ kind: "rank", value: CLASSES * kept }), method });
    expect(codes(result)).toContain("REFINED");
    expect(codes(result)).not.toContain("CUTOFF_BELOW_FLOOR");
    expect(result.runtime.precision).toBe("double");
    expect(result.floor).toBeLessThan(1e-12);
    result.singularValues.forEach((value, s) => { expect(Math.abs(value - exact[s]!)).toBeLessThanOrEqual(bounds(result)[s]!); });
    expect(result.singularValues[CLASSES * kept - 1]! / exact[CLASSES * kept - 1]!).toBeCloseTo(1, 2);
    expect(result.energy.labels!.information).toBeCloseTo(Math.sqrt(kept / N), 4);
    expect(result.cutoff.certified).toBe(true);
  });

  it("is left alone where all that counts is above the floor", async () => {
    const result = await run(graded({ kind: "rank", value: CLASSES * 3 }));
    expect(codes(result)).not.toContain("REFINED");
    expect(result.runtime.precision).toBe("single");
    expect(result.energy.labels!.information).toBeCloseTo(Math.sqrt(3 / N), 4);
  });

  it("is refined for a value α as for a rank", async () => {
    const result = await run(graded({ kind: "alpha", value: 1e-8 }));
    expect(codes(result)).toContain("REFINED");
    expect(result.cutoff).toMatchObject({ rank: exact.filter((value) => value >= 1e-8).length, certified: true });
  });

  it("takes float64 gradients in the Gram matrix where J is not held, and products with J where those do not reach", async () => {
    const four = await withLittleMemory("gram", graded({ kind: "rank", value: CLASSES * 5 }));
    expect(four.method.name).toBe("gram");
    expect(four.warnings.at(-1)).toMatchObject({ code: "REFINED", message: expect.stringContaining("computed again in float64") as unknown });
    const six = await withLittleMemory("gram", graded({ kind: "rank", value: CLASSES * 7 }));
    expect(six.method.name).toBe("krylov");
    expect(six.warnings.at(-1)).toMatchObject({ code: "REFINED", message: expect.stringContaining("products with J itself") as unknown });
    expect(six.spectrum.singularValues[CLASSES * 7 - 1]! / exact[CLASSES * 7 - 1]!).toBeCloseTo(1, 2);
  });

  it("goes on to J itself where double precision was asked for and its Gram matrix loses the cut-off", async () => {
    const result = await run({ ...graded({ kind: "rank", value: CLASSES * 7 }), precision: "double" });
    expect(codes(result)).toContain("REFINED");
    expect(result.singularValues[CLASSES * 7 - 1]! / exact[CLASSES * 7 - 1]!).toBeCloseTo(1, 2);
  });
});

describe("a rank-deficient reference case", () => {
  it("has its rank after refinement: what float64 autograd finds to be zero lies under the new floor, and that is said", async () => {
    const sigma = await expectedOf("cnn-batchnorm", "sigma");
    const rank = sigma.filter((value) => value > 1e-12 * sigma[0]!).length;
    const result = await run(reference("cnn-batchnorm", { cutoff: { kind: "rank", value: rank + 20 } }));
    expect(codes(result)).toEqual(expect.arrayContaining(["REFINED", "CUTOFF_BELOW_FLOOR"]));
    expect(result.floor).toBeLessThan(2e-12 * sigma[0]!);
    expect(result.singularValues.filter((value) => value > result.floor)).toHaveLength(rank);
    result.singularValues.forEach((value, s) => { expect(Math.abs(value - sigma[s]!)).toBeLessThanOrEqual(Math.max(bounds(result)[s]!, 1e-12 * sigma[0]!)); });
  });
});
