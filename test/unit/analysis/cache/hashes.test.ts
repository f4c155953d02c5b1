import { describe, expect, it } from "vitest";
import { sampleHashes, structureHash, weightsHash } from "../../../../src/analysis/cache/hashes.ts";
import { float32, float64 } from "../../../../src/core/tensor.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { cnn, mlp, ModelMaker } from "../../jacobian/models.ts";

const names = ({ graph }: Model): string[] => [...graph.initializers.keys()].filter((name) => /^[wbcv]/.test(name));

/** x·W scaled by a constant, through a mask of W's entries: which of them count is decided by the weights. */
const masked = (seed: number): Model => {
  const m = new ModelMaker(seed, [3]);
  const w = m.weight("w", [3, 2]);
  const places = m.call("NonZero", [m.call("Relu", [w])]);
  return m.finish(m.call("Add", [m.call("MatMul", ["x", w]), m.call("ReduceMean", [m.call("GatherND", [w, m.call("Transpose", [places])])], { keepdims: 0 })]));
};

const withConstant = (value: number, attributes = {}): Model => {
  const m = new ModelMaker(7, [3]);
  return m.finish(m.call("Gemm", ["x", m.weight("w", [3, 2]), m.weight("offset", [2], value)], attributes));
};

describe("the hash of a network's structure", () => {
  it.each([["an MLP", mlp], ["a CNN", cnn]])("of %s does not depend on the values of its parameters, their own hash does", (_, make) => {
    const [one, two] = [make(1), make(2)];
    expect(structureHash(one, names(one))).toBe(structureHash(two, names(two)));
    expect(weightsHash(one, names(one))).not.toBe(weightsHash(two, names(two)));
    expect(weightsHash(one, names(one))).toBe(weightsHash(make(1), names(one)));
  });

  it("depends on the constants, the attributes, the parameters chosen, and the operator set", () => {
    const base = withConstant(1);
    const others: readonly (readonly [Model, readonly string[]])[] = [[withConstant(2), ["w"]], [withConstant(1, { alpha: { float: 2 } }), ["w"]], [base, ["w", "offset"]], [{ ...base, opsets: new Map([["", 18]]) }, ["w"]]];
    const hashes = [structureHash(base, ["w"]), ...others.map(([model, chosen]) => structureHash(model, chosen))];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("depends on the parameters too where they decide what is computed", () => {
    expect(structureHash(masked(1), ["w"])).not.toBe(structureHash(masked(2), ["w"]));
    expect(structureHash(masked(1), ["w"])).toBe(structureHash(masked(1), ["w"]));
  });
});

describe("the hash of a sample", () => {
  it("is that of its numbers, their type and their shape, wherever it stands", () => {
    const [first, second, third] = sampleHashes(float32([3, 2], [1, 2, 3, 4, 1, 2]));
    expect([first === third, first === second]).toEqual([true, false]);
    expect(sampleHashes(float32([1, 2], [3, 4]))).toEqual([second]);
    expect(sampleHashes(float32([1, 2, 1], [3, 4]))).not.toEqual([second]);
    expect(sampleHashes(float64([1, 2], [3, 4]))).not.toEqual([second]);
  });
});
