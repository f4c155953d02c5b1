import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hashOfModel, openModel, piecesOf, refuseNaNWeights } from "../../../src/analysis/model-file.ts";
import { modelOperators } from "../../../src/analysis/operators.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import type { Initializer } from "../../../src/onnx/graph.ts";
import { body, bool, node, numbers, ramp, type SmallModel, value } from "../onnx/small-model.ts";
import { modelFile, moveWeightsOut, scratch } from "./model-files.ts";

const folder = scratch();
const parts: SmallModel = { nodes: [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "mask"], ["y"])], inputs: [value("x", ["n", 3])], outputs: ["y"], tensors: { w: ramp(3, 4), mask: ramp(4) } };

const withEntry = (name: "w" | "mask", entry: number, content: number): SmallModel => {
  const tensor = { ...parts.tensors }[name] ?? ramp(1);
  const data = Float32Array.from(numbers(tensor));
  data[entry] = content;
  return { ...parts, tensors: { ...parts.tensors, [name]: float32(tensor.shape, data) } };
};

/** An initializer that remembers the ranges that were read of it. */
const watched = (count: number): Initializer & { readonly ranges: [number, number][] } => {
  const ranges: [number, number][] = [];
  const whole: Tensor = float32([count], Float32Array.from({ length: count }, (_, i) => i));
  return { name: "w", dtype: "float32", shape: [count], ranges, load: () => { throw new Error("the whole tensor was read"); }, loadRange: (from, length) => { ranges.push([from, length]); return whole.data.slice(from, from + length); } };
};

describe("weights in another file", () => {
  it("are read from there, at their places", async () => {
    const { model } = await openModel(modelFile(folder, "outside.onnx", parts, moveWeightsOut(folder, "outside.bin")));
    expect(numbers(model.graph.initializers.get("mask")?.load())).toEqual(numbers(ramp(4)));
  });

  it("are not touched when the model is opened", async () => {
    const file = modelFile(folder, "absent.onnx", parts, moveWeightsOut(folder, "absent.bin"));
    const { model } = await openModel(modelFile(folder, "elsewhere.onnx", parts, (proto) => { moveWeightsOut(folder, "gone.bin")(proto); for (const t of proto.graph?.initializer ?? []) for (const e of t.externalData) if (e.key === "location") e.value = "never-written.bin"; }));
    expect(model.graph.initializers.get("w")?.shape).toEqual([3, 4]);
    expect(() => model.graph.initializers.get("w")?.load()).toThrow(expect.objectContaining({ code: "MODEL_EXTERNAL", message: expect.stringContaining("is not there") as string }));
    expect((await openModel(file)).model.graph.initializers.size).toBe(2);
  });

  it.each([["../outside.bin", "lies outside"], ["/etc/passwd", "lies outside"]])("are never read from outside the model's folder (%s)", async (location, why) => {
    const inner = scratch();
    writeFileSync(path.join(inner, "..", "outside.bin"), new Uint8Array(64));
    const file = modelFile(inner, "sneaky.onnx", parts, (proto) => { moveWeightsOut(inner, "w.bin")(proto); for (const t of proto.graph?.initializer ?? []) for (const e of t.externalData) if (e.key === "location") e.value = location; });
    const { model } = await openModel(file);
    expect(() => model.graph.initializers.get("w")?.load()).toThrow(expect.objectContaining({ code: "MODEL_EXTERNAL", message: expect.stringContaining(why) as string }));
  });

  it("that were cut off are refused with the name of their file", async () => {
    const file = modelFile(folder, "short.onnx", parts, moveWeightsOut(folder, "short.bin"));
    writeFileSync(path.join(folder, "short.bin"), readFileSync(path.join(folder, "short.bin")).subarray(0, 60));
    const { model } = await openModel(file);
    expect(() => model.graph.initializers.get("mask")?.load()).toThrow(/"short\.bin" is shorter than the model says/);
  });
});

describe("the hash of a model", () => {
  it("is that of its file, and changes with weights in other files", async () => {
    const whole = await openModel(modelFile(folder, "whole.onnx", parts));
    const sum = createHash("sha256").update(readFileSync(path.join(folder, "whole.onnx"))).digest("hex");
    expect(await hashOfModel(whole)).toBe(sum);
    const file = await openModel(modelFile(folder, "hashed.onnx", parts, moveWeightsOut(folder, "hashed.bin")));
    const before = await hashOfModel(file);
    const bytes = readFileSync(path.join(folder, "hashed.bin"));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(path.join(folder, "hashed.bin"), bytes);
    expect(await hashOfModel(file)).not.toBe(before);
  });
});

describe("weights that are not numbers", () => {
  it.each([[NaN, "w", true], [Infinity, "w", true], [NaN, "mask", true], [-Infinity, "mask", false]] as const)("%d in %s (the parameter is w): refused is %s", async (content, name, refused) => {
    const opened = await openModel(modelFile(folder, `entry-${String(content)}-${name}.onnx`, withEntry(name, 2, content)));
    const look = (): void => { refuseNaNWeights(opened, new Set(["w"])); };
    if (refused) expect(look).toThrow(expect.objectContaining({ code: "MODEL_NAN", message: expect.stringContaining(`entry 2 of "${name}"`) as string }));
    else expect(look).not.toThrow();
  });

  it("are looked for piece by piece: no tensor is read as a whole", () => {
    const w = watched(10);
    expect([...piecesOf(w, 4)].map(({ from, data }) => [from, data.length])).toEqual([[0, 4], [4, 4], [8, 2]]);
    expect(w.ranges).toEqual([[0, 4], [4, 4], [8, 2]]);
  });
});

describe("what `operators MODEL` tells", () => {
  it("looks inside of loops, and lists parameters, tensors that are none, and how the file was exported", async () => {
    const step = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h")], nodes: [node("MatMul", ["h", "w"], ["t"]), node("StringNormalizer", ["t"], ["next"]), node("Less", ["i", "limit"], ["on"])], outputs: ["on", "next"] });
    const file = modelFile(folder, "loop.onnx", { nodes: [node("Loop", ["", "yes", "x"], ["y"], { body: step })], inputs: [value("x", ["n", 3])], outputs: ["y"], tensors: { w: ramp(3, 3), yes: bool(true), limit: { dtype: "int64", shape: [], data: BigInt64Array.of(3n) }, idle: ramp(2) } });
    const found = await modelOperators(file);
    expect(found.operators.map((o) => [o.operator, o.covered])).toContainEqual(["Loop", true]);
    expect(found.missing.map((m) => [m.operator, m.nodes])).toEqual([["StringNormalizer", ["next"]]]);
    expect(found.parameters.map((p) => [p.name, p.chosen])).toEqual([["w", true], ["idle", false]]);
    expect(found.warnings.map((w) => w.code)).toEqual(["PARAMETERS_IN_LOOPS"]);
  });
});
