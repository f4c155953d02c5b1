import { describe, expect, it } from "vitest";
import { float32, int64, type Tensor } from "../../../../src/core/tensor.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { chooseParameters } from "../../../../src/onnx/parameters.ts";
import { rewriteModel } from "../../../../src/onnx/rewrite/index.ts";
import type { RewriteOptions, Rewritten } from "../../../../src/onnx/rewrite/pass.ts";
import { body, bool, model, node, numbers, operators, ramp, run, type SmallModel, value } from "../small-model.ts";

const ones = (...shape: readonly number[]): Tensor => float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const zeros = (size: number): Tensor => float32([size], new Float32Array(size));
const int8 = (shape: readonly number[], data: readonly number[]): Tensor => ({ dtype: "int8", shape, data: Int8Array.from(data) });
const uint8 = (...data: readonly number[]): Tensor => ({ dtype: "uint8", shape: data.length === 1 ? [] : [data.length], data: Uint8Array.from(data) });
const uint8Table = (rows: number, columns: number): Tensor => ({ dtype: "uint8", shape: [rows, columns], data: Uint8Array.from({ length: rows * columns }, (_, i) => i) });
const scalar = (x: number): Tensor => float32([], [x]);

const image = value("x", ["n", 2, 4, 4]);
const row = value("x", ["n", 3]);
const alias = (from: string, to: string) => node("Identity", [from], [to]);

/** Two BatchNorms of an untrained network, as PyTorch's exporter writes them: weights and variances are ones, biases and means zeros. */
const mergedBatchNorms: SmallModel = {
  nodes: [
    alias("bn1.weight", "bn2.weight"), alias("bn1.bias", "bn2.bias"), alias("bn1.bias", "bn1.running_mean"), alias("bn1.weight", "bn1.running_var"), alias("bn1.running_mean", "bn2.running_mean"), alias("bn1.weight", "bn2.running_var"),
    node("BatchNormalization", ["x", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"], ["a"]), node("Relu", ["a"], ["b"]),
    node("BatchNormalization", ["b", "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var"], ["y"]),
  ],
  inputs: [image], outputs: ["y"], tensors: { "bn1.weight": ones(2), "bn1.bias": zeros(2) },
};

const tiedEmbedding: SmallModel = {
  nodes: [alias("embed.weight", "head.weight"), node("Gather", ["embed.weight", "x"], ["e"]), node("Transpose", ["head.weight"], ["t"], { perm: [1, 0] }), node("MatMul", ["e", "t"], ["y"])],
  inputs: [value("x", ["n", 2], "int64")], outputs: ["y"], tensors: { "embed.weight": ramp(5, 3) },
};

const constantWeights: SmallModel = {
  nodes: [
    node("Constant", [], ["fc.weight"], { value: { type: "tensor", value: ramp(3, 2) } }), node("Constant", [], ["fc.bias"], { value_floats: { type: "floats", value: [1, 2] } }), node("Constant", [], ["half"], { value_float: { float: 0.5 } }),
    node("MatMul", ["x", "fc.weight"], ["a"]), node("Add", ["a", "fc.bias"], ["b"]), node("Mul", ["b", "half"], ["y"]),
  ],
  inputs: [row], outputs: ["y"],
};

const rearranged: SmallModel = {
  nodes: [node("MatMul", ["x", "onnx::MatMul_21"], ["a"], {}, "", "/encoder/layers/layers.0/fc/MatMul"), node("Add", ["encoder.layers.0.fc.bias", "a"], ["y"], {}, "", "/encoder/layers/layers.0/fc/Add")],
  inputs: [row], outputs: ["y"], tensors: { "onnx::MatMul_21": ramp(3, 2), "encoder.layers.0.fc.bias": ramp(2) },
};

const conv = (weight: string, bias: string, name: string): SmallModel => ({
  nodes: [node("Conv", ["x", weight, bias], ["a"], {}, "", name), node("Relu", ["a"], ["y"], {}, "", "/features/features.2/Relu")],
  inputs: [image], outputs: ["y"], tensors: { [weight]: ramp(3, 2, 3, 3), [bias]: ramp(3) },
});

const quantisedWeights: SmallModel = {
  nodes: [
    node("DequantizeLinear", ["fc.weight_quantized", "scale", "zero"], ["fc.weight_DequantizeLinear_Output"], { axis: 1 }),
    node("DequantizeLinear", ["fc.bias_quantized", "bias_scale"], ["fc.bias_DequantizeLinear_Output"]),
    node("MatMul", ["x", "fc.weight_DequantizeLinear_Output"], ["a"]), node("Add", ["a", "fc.bias_DequantizeLinear_Output"], ["y"]),
  ],
  inputs: [row], outputs: ["y"],
  tensors: { "fc.weight_quantized": int8([3, 2], [1, -2, 3, -4, 5, 127]), scale: float32([2], [0.5, 0.25]), zero: int8([2], [0, 1]), "fc.bias_quantized": { dtype: "int32", shape: [2], data: Int32Array.of(7, -9) }, bias_scale: scalar(0.125) },
};

const roundedWeights: SmallModel = {
  nodes: [node("QuantizeLinear", ["w", "scale", "zero"], ["q"]), node("DequantizeLinear", ["q", "scale", "zero"], ["d"]), node("MatMul", ["x", "d"], ["y"])],
  inputs: [row], outputs: ["y"], tensors: { w: ramp(3, 2), scale: scalar(0.25), zero: int8([], [0]) },
};

/** What ONNX Runtime's quantize_dynamic makes of a lookup and a matrix product. */
const dynamic: SmallModel = {
  nodes: [
    node("Gather", ["table_quantized", "x"], ["g"]), node("DequantizeLinear", ["g", "table_scale", "table_zero"], ["e"]),
    node("DynamicQuantizeLinear", ["e"], ["q", "e_scale", "e_zero"]), node("MatMulInteger", ["q", "fc.weight_quantized", "e_zero", "fc_zero"], ["i"]),
    node("Cast", ["i"], ["f"], { to: 1 }), node("Mul", ["e_scale", "fc_scale"], ["scales"]), node("Mul", ["f", "scales"], ["p"]), node("Add", ["p", "fc.bias"], ["y"]),
  ],
  inputs: [value("x", ["n"], "int64")], outputs: ["y"],
  tensors: {
    table_quantized: uint8Table(5, 3), table_scale: scalar(0.5), table_zero: uint8(3), "fc.weight_quantized": int8([3, 2], [1, -2, 3, -4, 5, 7]), fc_zero: int8([2], [0, 1]), fc_scale: float32([2], [0.5, 0.25]), "fc.bias": ramp(2),
  },
};

const quantisedActivations: SmallModel = {
  nodes: [node("QuantizeLinear", ["x", "scale", "zero"], ["q"]), node("DequantizeLinear", ["q", "scale", "zero"], ["d"]), node("MatMul", ["d", "w"], ["y"])],
  inputs: [row], outputs: ["y"], tensors: { w: ramp(3, 2), scale: scalar(0.01), zero: uint8(20) },
};

const loop = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])], nodes: [node("MatMul", ["h", "w"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
const inLoop: SmallModel = { nodes: [node("Loop", ["three", "yes", "x"], ["y"], { body: loop })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { w: ramp(3, 3), three: int64([], [3]), yes: bool(true) } };

const half: SmallModel = { nodes: [node("MatMul", ["x", "w"], ["y"])], inputs: [row], outputs: ["y"], tensors: { w: ramp(3, 2) } };

const rewritten = (parts: SmallModel, options: RewriteOptions = {}, more: Partial<Model> = {}): Rewritten => rewriteModel({ ...model(parts), ...more }, options);

const chosen = ({ model: { graph } }: Rewritten): string[] => chooseParameters(graph).filter((c) => c.chosen).map((c) => c.name);

const excluded = ({ model: { graph } }: Rewritten): Record<string, string> => Object.fromEntries(chooseParameters(graph).filter((c) => !c.chosen).map((c) => [c.name, c.reason]));

/** Every trap: a small model, the one warning it gives, what the message names, and the parameters that are left. */
const TRAPS: readonly { readonly trap: string; readonly parts: SmallModel; readonly more?: Partial<Model>; readonly code: string; readonly says: RegExp; readonly parameters: readonly string[] }[] = [
  { trap: "weights of BatchNorms merged through Identity", parts: mergedBatchNorms, code: "PARAMETERS_UNTIED", says: /"bn2\.weight", "bn2\.bias" are taken/, parameters: ["bn1.weight", "bn2.weight", "bn1.bias", "bn2.bias"] },
  { trap: "an embedding that is also the output layer", parts: tiedEmbedding, code: "PARAMETERS_TIED", says: /"embed\.weight", "head\.weight" share one tensor/, parameters: ["embed.weight"] },
  { trap: "weights in Constant nodes", parts: constantWeights, code: "WEIGHTS_IN_CONSTANTS", says: /"fc\.weight", "fc\.bias" lie in Constant nodes/, parameters: ["fc.weight", "fc.bias"] },
  { trap: "a weight transposed by constant folding", parts: rearranged, code: "WEIGHTS_REARRANGED", says: /"onnx::MatMul_21" is a weight that the exporter transposed/, parameters: ["onnx::MatMul_21", "encoder.layers.0.fc.bias"] },
  { trap: "BatchNorm folded into Conv, by the names of its weights", parts: conv("onnx::Conv_17", "onnx::Conv_18", "/conv1/Conv"), code: "BATCHNORM_FOLDED", says: /folded BatchNorm into 1 convolutions \("\/conv1\/Conv"\)/, parameters: ["onnx::Conv_17", "onnx::Conv_18"] },
  { trap: "BatchNorm folded into Conv, by the gap it leaves", parts: conv("features.0.weight", "features.0.bias", "/features/features.0/Conv"), code: "BATCHNORM_FOLDED", says: /folded BatchNorm into 1 convolutions/, parameters: ["features.0.weight", "features.0.bias"] },
  { trap: "a network of convolutions with biases and no normalisation", parts: conv("c1.weight", "c1.bias", "/c1/Conv"), code: "BATCHNORM_FOLDED", says: /if the network was trained with BatchNorm/, parameters: ["c1.weight", "c1.bias"] },
  { trap: "quantised weights", parts: quantisedWeights, code: "WEIGHTS_DEQUANTISED", says: /"fc\.weight", "fc\.bias" are stored as integers/, parameters: ["fc.weight", "fc.bias"] },
  { trap: "weights that are rounded when the model runs", parts: roundedWeights, code: "WEIGHTS_DEQUANTISED", says: /"d" is stored as integers/, parameters: ["d"] },
  { trap: "dynamic quantisation", parts: dynamic, code: "WEIGHTS_DEQUANTISED", says: /"table", "fc\.weight" are stored as integers for dynamic quantisation/, parameters: ["fc.bias", "table", "fc.weight"] },
  { trap: "quantised activations", parts: quantisedActivations, code: "ACTIVATIONS_QUANTISED", says: /rounds 1 activations to integers \("x"\)/, parameters: ["w"] },
  { trap: "half precision", parts: half, more: { widened: ["float16"] }, code: "HALF_PRECISION", says: /holds float16 numbers/, parameters: ["w"] },
  { trap: "a weight used inside of a loop", parts: inLoop, code: "PARAMETERS_IN_LOOPS", says: /"w" is used inside of a loop \("y"\)/, parameters: ["w"] },
];

describe("what exporters do to parameters", () => {
  it.each(TRAPS)("$trap: is told", ({ parts, more, code, says, parameters }) => {
    const found = rewritten(parts, {}, more);
    expect(found.warnings.map((w) => w.code)).toEqual([code]);
    expect(found.warnings[0]?.message).toMatch(says);
    expect(found.warnings[0]?.hint).not.toBe("");
    expect(chosen(found)).toEqual(parameters);
  });

  it.each(TRAPS.filter(({ trap }) => !["quantised activations", "dynamic quantisation"].includes(trap)))("$trap: the rewritten model computes the same", async ({ parts }) => {
    const before = model(parts);
    const [input] = before.graph.inputs;
    const shape = (input?.shape ?? []).map((d) => (typeof d === "number" ? d : 2));
    const feeds = { x: input?.dtype === "int64" ? int64(shape, [0, 1, 2, 4]) : ramp(...shape) };
    const [expected, found] = [await run(before, feeds), await run(rewriteModel(before).model, feeds)];
    numbers(expected.y).forEach((v, i) => { expect(numbers(found.y)[i]).toBeCloseTo(v, 5); });
  });

  it("a model without any of this gives no warning and is not changed", () => {
    const parts: SmallModel = { nodes: [node("Gemm", ["x", "fc.weight", "fc.bias"], ["y"], { transB: 1 })], inputs: [row], outputs: ["y"], tensors: { "fc.weight": ramp(2, 3), "fc.bias": ramp(2) } };
    const found = rewritten(parts);
    expect([found.warnings, operators(found.model), chosen(found)]).toEqual([[], ["Gemm"], ["fc.weight", "fc.bias"]]);
  });
});

describe("merged tensors", () => {
  it("are told apart by what they are used for: statistics are no parameters", () => {
    expect(excluded(rewritten(mergedBatchNorms))).toEqual({
      "bn1.running_mean": "running mean of BatchNormalization", "bn2.running_mean": "running mean of BatchNormalization",
      "bn1.running_var": "running variance of BatchNormalization", "bn2.running_var": "running variance of BatchNormalization",
    });
  });

  it("stay one parameter when asked to, but never with a statistic", () => {
    const found = rewritten(mergedBatchNorms, { keepTied: true });
    expect([chosen(found), found.warnings]).toEqual([["bn1.weight", "bn1.bias"], []]);
    expect(Object.keys(excluded(found))).toHaveLength(4);
  });

  it("hold the same numbers as before", () => {
    const { model: { graph } } = rewritten(mergedBatchNorms);
    expect(numbers(graph.initializers.get("bn2.weight")?.load())).toEqual([1, 1]);
    expect(graph.nodes.map((n) => n.op)).not.toContain("Identity");
  });
});

describe("layers of parameters that lost their names", () => {
  it("are named by the module of the node that uses them", () => {
    const { model: { graph } } = rewritten(rearranged);
    expect(chooseParameters(graph).map((c) => c.layer)).toEqual(["encoder.layers.0.fc", "encoder.layers.0.fc"]);
  });
});

describe("quantised tensors", () => {
  it("are dequantised by channel, with the zero point", () => {
    const { model: { graph } } = rewritten(quantisedWeights);
    expect(numbers(graph.initializers.get("fc.weight")?.load())).toEqual([0.5, -0.75, 1.5, -1.25, 2.5, 31.5]);
  });

  it("are dequantised by blocks along an axis", () => {
    const parts: SmallModel = { opset: 21, nodes: [node("DequantizeLinear", ["q", "s"], ["w"], { axis: 0, block_size: 2 }), node("MatMul", ["x", "w"], ["y"])], inputs: [value("x", ["n", 4])], outputs: ["y"], tensors: { q: int8([4, 2], [1, 1, 2, 2, 3, 3, 4, 4]), s: float32([2, 2], [1, 10, 100, 1000]) } };
    expect(numbers(rewritten(parts).model.graph.initializers.get("w")?.load())).toEqual([1, 10, 2, 20, 300, 3000, 400, 4000]);
  });

  it("round half to even and saturate, as ONNX Runtime does", async () => {
    const parts: SmallModel = { ...roundedWeights, tensors: { w: float32([3, 2], [0.125, 0.375, -0.125, 40, -40, 0.3]), scale: scalar(0.25), zero: int8([], [3]) } };
    const before = model(parts);
    const feeds = { x: float32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]) };
    expect(numbers((await run(rewriteModel(before).model, feeds)).y)).toEqual(numbers((await run(before, feeds)).y));
  });

  it("of activations are cut off where their integers end, and not rounded", async () => {
    const found = rewritten(quantisedActivations).model;
    expect(operators(found)).toEqual(["Clip", "MatMul"]);
    const identity = { ...found, graph: { ...found.graph, outputs: [value("d")] } };
    const cut = numbers((await run(identity, { x: float32([1, 3], [-5, 0.123, 5]) })).d);
    [-0.2, 0.123, 2.35].forEach((v, i) => { expect(cut[i]).toBeCloseTo(v, 6); });
  });
});

describe("dynamic quantisation", () => {
  it("is computed as in floating point: outputs differ by the rounding of activations only", async () => {
    const before = model(dynamic);
    const after = rewriteModel(before).model;
    expect(operators(after)).toEqual(["Gather", "MatMul", "Add"]);
    const feeds = { x: int64([4], [0, 2, 4, 1]) };
    const [expected, found] = [numbers((await run(before, feeds)).y), numbers((await run(after, feeds)).y)];
    const largest = Math.max(...expected.map(Math.abs));
    found.forEach((v, i) => { expect(Math.abs(v - (expected[i] ?? NaN)) / largest).toBeLessThan(0.01); });
  });
});

describe("ZipMap, which scikit-learn's exporter puts last", () => {
  it("gives way to the matrix of probabilities", () => {
    const parts: SmallModel = { nodes: [node("MatMul", ["x", "w"], ["p"]), node("ZipMap", ["p"], ["y"], {}, "ai.onnx.ml")], inputs: [row], outputs: ["y"], tensors: { w: ramp(3, 2) } };
    expect(operators(rewritten(parts).model)).toEqual(["MatMul"]);
  });
});
