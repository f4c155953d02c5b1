import path from "node:path";
import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/pipeline.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { random } from "../../../src/core/random.ts";
import { float32, int64, sizeOf, type Tensor } from "../../../src/core/tensor.ts";
import { writeNpyFile } from "../../../src/data/write-npy.ts";
import { body, bool, node, type SmallModel, value } from "../onnx/small-model.ts";
import { modelFile, moveWeightsOut, narrow, scratch } from "./model-files.ts";

const SEED = 2024;
const folder = scratch();

/** Multiples of 1/32 between −1 and 1: exact in float16. */
const drawn = (name: string, ...shape: readonly number[]): Tensor => {
  const source = random(SEED, name);
  return float32(shape, Array.from({ length: sizeOf(shape) }, () => Math.round(source.uniform() * 64 - 32) / 32));
};

const data = path.join(folder, "x.npy");
const ready = writeNpyFile(data, drawn("x", 7, 5));

const run = async (model: string, more: object = {}): Promise<AnalysisResult> => {
  await ready;
  return (await analyse({ model, data, x: "x", seed: SEED, ...more }, { progress: () => undefined })).result;
};

const x = value("x", ["n", 5]);
const weights = { "fc1.weight": drawn("fc1.weight", 5, 4), "fc1.bias": drawn("fc1.bias", 4), "fc2.weight": drawn("fc2.weight", 4, 3) };

/** tanh(x·W₁ + b)·W₂. */
const plain: SmallModel = {
  nodes: [node("MatMul", ["x", "fc1.weight"], ["a"]), node("Add", ["a", "fc1.bias"], ["b"]), node("Tanh", ["b"], ["c"]), node("MatMul", ["c", "fc2.weight"], ["y"])],
  inputs: [x], outputs: ["y"], tensors: weights,
};

const layer = { domain: "custom", name: "Layer", overload: "", inputs: ["v", "w", "s"], outputs: ["r"], defaults: {}, nodes: [node("MatMul", ["v", "w"], ["a"]), node("Add", ["a", "s"], ["b"]), node("Tanh", ["b"], ["r"])], opsets: new Map([["", 17]]) };

const asFunction: SmallModel = { ...plain, opsets: { custom: 1 }, functions: [layer], nodes: [node("Layer", ["x", "fc1.weight", "fc1.bias"], ["c"], {}, "custom"), node("MatMul", ["c", "fc2.weight"], ["y"])] };

const inConstants: SmallModel = { ...plain, tensors: {}, nodes: [...Object.entries(weights).map(([name, tensor]) => node("Constant", [], [name], { value: { type: "tensor", value: tensor } })), ...plain.nodes] };

const choice = body({ nodes: [node("MatMul", ["x", "fc1.weight"], ["a"]), node("Add", ["a", "fc1.bias"], ["b"])], outputs: ["b"] });
const other = body({ nodes: [node("MatMul", ["x", "fc1.weight"], ["q"])], outputs: ["q"] });
const branched: SmallModel = {
  ...plain,
  nodes: [node("Shape", ["x"], ["s"]), node("Size", ["s"], ["rank"]), node("Equal", ["rank", "two"], ["flag"]), node("If", ["flag"], ["u"], { then_branch: choice, else_branch: other }), node("Tanh", ["u"], ["c"]), node("MatMul", ["c", "fc2.weight"], ["y"])],
  tensors: { ...weights, two: int64([], [2]) },
};

const listed: SmallModel = { ...plain, nodes: [...plain.nodes.slice(0, 3), node("SplitToSequence", ["c"], ["s"], { axis: 1 }), node("ConcatFromSequence", ["s"], ["d"], { axis: 1 }), node("MatMul", ["d", "fc2.weight"], ["y"])] };

/** h ← tanh(h·W + b) three times, then h·V. */
const recurrent: SmallModel = {
  nodes: [node("Loop", ["three", "yes", "x"], ["h"], { body: body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("state")], nodes: [node("MatMul", ["state", "w"], ["t"]), node("Add", ["t", "b"], ["u"]), node("Tanh", ["u"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] }) }), node("MatMul", ["h", "v"], ["y"])],
  inputs: [x], outputs: ["y"], tensors: { w: drawn("w", 5, 5), b: drawn("b", 5), v: drawn("v", 5, 2), three: int64([], [3]), yes: bool(true) },
};
const writtenOut: SmallModel = {
  ...recurrent,
  nodes: [...[0, 1, 2].flatMap((i) => [node("MatMul", [i === 0 ? "x" : `h${i}`, "w"], [`t${i}`]), node("Add", [`t${i}`, "b"], [`u${i}`]), node("Tanh", [`u${i}`], [`h${i + 1}`])]), node("MatMul", ["h3", "v"], ["y"])],
};

const integers = Int8Array.from({ length: 20 }, (_, i) => ((i * 37) % 101) - 50);
const quantised: SmallModel = { ...plain, nodes: [node("DequantizeLinear", ["fc1.weight_quantized", "scale", "zero"], ["fc1.weight_DequantizeLinear_Output"]), node("MatMul", ["x", "fc1.weight_DequantizeLinear_Output"], ["a"]), ...plain.nodes.slice(1)], tensors: { "fc1.bias": weights["fc1.bias"], "fc2.weight": weights["fc2.weight"], "fc1.weight_quantized": { dtype: "int8", shape: [5, 4], data: integers }, scale: float32([], [1 / 32]), zero: { dtype: "int8", shape: [], data: Int8Array.of(2) } } };
const dequantised: SmallModel = { ...plain, tensors: { ...weights, "fc1.weight": float32([5, 4], Array.from(integers, (q) => (q - 2) / 32)) } };

const merged: SmallModel = { ...plain, nodes: [node("Identity", ["fc1.bias"], ["fc1.scale"]), node("MatMul", ["x", "fc1.weight"], ["a"]), node("Add", ["a", "fc1.bias"], ["b"]), node("Mul", ["b", "fc1.scale"], ["c"]), node("MatMul", ["c", "fc2.weight"], ["y"])] };
const apart: SmallModel = { ...merged, nodes: merged.nodes.slice(1), tensors: { ...weights, "fc1.scale": weights["fc1.bias"] } };
const tied: SmallModel = { ...merged, nodes: merged.nodes.slice(1).map((n) => ({ ...n, inputs: n.inputs.map((name) => (name === "fc1.scale" ? "fc1.bias" : name)) })) };

type Edit = Parameters<typeof modelFile>[3];

/** `columns` as the leading columns of a matrix that is zero elsewhere. */
const padded = (tensor: Tensor, rows: number, width: number): Tensor => {
  const data = new Float32Array(rows * width);
  const [height = 0, columns = 1] = tensor.shape;
  for (let i = 0; i < height; i++) for (let j = 0; j < columns; j++) data[i * width + j] = Number(tensor.data[i * columns + j]);
  return float32([rows, width], data);
};

const PAIRS: readonly { readonly title: string; readonly one: SmallModel; readonly edit?: Edit; readonly other: SmallModel; readonly warning: string | null; readonly options?: object }[] = [
  { title: "calls a local function", one: asFunction, other: plain, warning: null },
  { title: "keeps its weights in Constant nodes", one: inConstants, other: plain, warning: "WEIGHTS_IN_CONSTANTS" },
  { title: "takes a branch that shapes decide", one: branched, other: plain, warning: null },
  { title: "goes through a sequence", one: listed, other: plain, warning: null },
  { title: "is a loop", one: recurrent, other: writtenOut, warning: "PARAMETERS_IN_LOOPS" },
  { title: "has quantised weights", one: quantised, other: dequantised, warning: "WEIGHTS_DEQUANTISED" },
  { title: "is stored in float16", one: plain, edit: narrow, other: plain, warning: "HALF_PRECISION" },
  { title: "keeps its weights in another file", one: plain, edit: moveWeightsOut(folder, "weights.bin"), other: plain, warning: null },
  { title: "stores equal tensors once", one: merged, other: apart, warning: "PARAMETERS_UNTIED" },
  { title: "stores equal tensors once, kept tied", one: merged, other: tied, warning: null, options: { keepTied: true } },
];

describe(`one network in two files has one Jacobian (seed ${SEED})`, () => {
  it.each(PAIRS)("where one $title", async ({ title, one, edit, other: second, warning, options }) => {
    const name = title.replace(/\W+/g, "-");
    const a = await run(modelFile(folder, `${name}.onnx`, one, edit), options);
    const b = await run(modelFile(folder, `${name}-plain.onnx`, second));
    expect(a.model.warnings.map((w) => w.code).filter((code) => !b.model.warnings.some((w) => w.code === code))).toEqual(warning === null ? [] : [warning]);
    expect(a.parameters.map((p) => [p.name, p.count]).sort()).toEqual(b.parameters.map((p) => [p.name, p.count]).sort());
    const largest = b.singularValues[0] ?? NaN;
    expect(a.singularValues).toHaveLength(b.singularValues.length);
    a.singularValues.forEach((s, i) => { expect(Math.abs(s - (b.singularValues[i] ?? NaN)) / largest, `singular value ${i}`).toBeLessThan(1e-6); });
    for (const check of [a.checks.adjoint, a.checks.finiteDifference, a.checks.samplesIndependent]) expect(check?.passed).toBe(true);
  });

  it("where tensors that are no parameters are too large to be part of what is run", async () => {
    const width = 70_000;
    const wide: SmallModel = { ...plain, tensors: { "fc1.weight": padded(weights["fc1.weight"], 5, width), "fc1.bias": float32([width], padded({ ...weights["fc1.bias"], shape: [1, 4] }, 1, width).data as Float32Array), "fc2.weight": padded(weights["fc2.weight"], width, 3) } };
    const parameters = ["fc2.weight"];
    const a = await run(modelFile(folder, "wide.onnx", wide), { parameters });
    const b = await run(modelFile(folder, "narrow.onnx", plain), { parameters });
    const largest = b.singularValues[0] ?? NaN;
    b.singularValues.forEach((s, i) => { expect(Math.abs((a.singularValues[i] ?? NaN) - s) / largest).toBeLessThan(1e-6); });
    expect(a.checks.adjoint?.passed).toBe(true);
  });
});
