import { describe, expect, it } from "vitest";
import { LensError } from "../../../src/core/errors.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import { lower } from "../../../src/onnx/lower.ts";
import { trace } from "../../../src/onnx/trace.ts";
import { executor } from "../../rules/check.ts";
import { between, floats, ints, modelOf, one, type RuleCase, contents, v, variablesOf } from "../../rules/case.ts";

const lowered = async (test: RuleCase, fed: readonly string[] = variablesOf(test)) => {
  const content = contents(test, 1);
  const feeds: Record<string, Tensor> = Object.fromEntries(fed.map((name) => [name, content[name]!]));
  return lower(await trace(executor, modelOf(test, content, fed), new Set(), feeds), []);
};

const opsOf = async (test: RuleCase): Promise<string[]> => (await lowered(test)).program.steps.map((step) => step.op);

const codeOf = async (test: RuleCase, fed?: readonly string[]): Promise<string> => {
  try {
    await lowered(test, fed);
  } catch (error) {
    if (error instanceof LensError) return error.code;
    throw error;
  }
  return "none";
};

describe("lowering to the canonical opset", () => {
  it("makes one Reshape of every operator that only changes the shape", async () => {
    expect(await opsOf(one("Flatten", "", [v([2, 3, 4])]))).toEqual(["Reshape"]);
    expect(await opsOf(one("Unsqueeze", "", [v([2, 3]), ints([0])]))).toEqual(["Reshape"]);
  });

  it("writes nothing for Identity and for Dropout in inference", async () => {
    expect(await opsOf(one("Identity", "", [v([2])]))).toEqual([]);
    expect(await opsOf(one("Dropout", "", [v([2])]))).toEqual([]);
  });

  it("takes bounds of Clip from attributes and from operands alike", async () => {
    const old = await opsOf(one("Clip", "", [v([4])], { attributes: { min: { float: 0 }, max: { float: 1 } }, opset: 6 }));
    expect(await opsOf(one("Clip", "", [v([4]), floats([0], []), floats([1], [])]))).toEqual(old);
  });

  it("reads axes of reductions from attributes and from operands alike", async () => {
    const old = await opsOf(one("ReduceMax", "", [v([2, 3])], { attributes: { axes: [1] }, opset: 11 }));
    expect(await opsOf(one("ReduceMax", "", [v([2, 3]), ints([1])]))).toEqual(old);
  });

  it("leaves nothing of a recurrent network but products and elementwise steps", async () => {
    const ops = await opsOf(one("GRU", "", [v([3, 2, 2]), v([1, 6, 2]), v([1, 6, 2])], { attributes: { hidden_size: 2 } }));
    expect(ops).not.toContain("GRU");
    expect(ops.filter((op) => op === "Tanh")).toHaveLength(3);
  });

  it("refuses statistics of the batch", async () => {
    const test = one("BatchNormalization", "", [v([4, 3]), v([3]), v([3]), v([3]), between(0.5, 1, [3])], { attributes: { training_mode: 1 }, outputs: 3 });
    expect(await codeOf(test)).toBe("MODEL_TRAINING");
  });

  it("refuses to drop values at random", async () => {
    const training: RuleCase = one("Dropout", "", [v([4]), floats([0.5], []), { role: "constant", tensor: { dtype: "bool", shape: [], data: Uint8Array.of(1) } }]);
    expect(await codeOf(training)).toBe("MODEL_TRAINING");
  });

  it("says which operand depends on the data where a constant is needed", async () => {
    const test = one("ReduceSum", "", [v([2, 3]), ints([1])]);
    expect(await codeOf(test, ["i0", "i1"])).toBe("MODEL_DYNAMIC");
  });
});
