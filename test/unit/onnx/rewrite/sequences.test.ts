import { describe, expect, it } from "vitest";
import { int64, type Tensor } from "../../../../src/core/tensor.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { resolveControl } from "../../../../src/onnx/rewrite/control/resolve.ts";
import { rewriteModel } from "../../../../src/onnx/rewrite/index.ts";
import { trace } from "../../../../src/onnx/trace.ts";
import { body, bool, executor, model, node, numbers, operators, ramp, run, type SmallModel, value } from "../small-model.ts";

const x = value("x", [4, 3]);
const n = (count: number): Tensor => int64([], [count]);
const feeds = { x: ramp(4, 3) };

/** The model without sequences, which must compute what the file does. */
const resolved = async (parts: SmallModel): Promise<Model> => {
  const before = model(parts);
  const after = await resolveControl(executor, rewriteModel(before).model, new Set(), feeds);
  const [expected, found] = [await run(before, feeds), await run(after, feeds)];
  expect(found.y?.shape).toEqual(expected.y?.shape);
  expect(numbers(found.y)).toEqual(numbers(expected.y));
  expect(operators(after).filter((op) => /Sequence|Optional/.test(op))).toEqual([]);
  return after;
};

describe("sequences", () => {
  it("of tensors are their elements, by place from either end", async () => {
    const made = await resolved({ nodes: [node("Neg", ["x"], ["a"]), node("Abs", ["x"], ["b"]), node("SequenceConstruct", ["a", "b", "x"], ["s"]), node("SequenceAt", ["s", "last"], ["c"]), node("SequenceAt", ["s", "first"], ["d"]), node("Add", ["c", "d"], ["y"])], inputs: [x], outputs: ["y"], tensors: { last: n(-1), first: n(0) } });
    expect(operators(made)).toEqual(["Neg", "Abs", "Add"]);
  });

  it.each([[11], [17]])("are split from tensors and joined again (opset %i)", async (opset) => {
    await resolved({ opset, nodes: [node("SplitToSequence", ["x", "size"], ["s"], { axis: 0 }), node("SequenceAt", ["s", "one"], ["a"]), node("SequenceErase", ["s", "zero"], ["t"]), node("SequenceInsert", ["t", "a", "zero"], ["u"]), node("ConcatFromSequence", ["u"], ["y"], { axis: 0 })], inputs: [x], outputs: ["y"], tensors: { size: n(3), zero: n(0), one: n(1) } });
  });

  it("may be split without keeping the axis, and be stacked along a new one", async () => {
    const made = await resolved({ nodes: [node("SplitToSequence", ["x"], ["s"], { axis: 1, keepdims: 0 }), node("ConcatFromSequence", ["s"], ["y"], { axis: -1, new_axis: 1 })], inputs: [x], outputs: ["y"] });
    expect(operators(made)).toEqual(["Split", "Squeeze", "Squeeze", "Squeeze", "Unsqueeze", "Unsqueeze", "Unsqueeze", "Concat"]);
  });

  it("are split into sizes that are given", async () => {
    await resolved({ nodes: [node("SplitToSequence", ["x", "sizes"], ["s"], { axis: 0 }), node("SequenceAt", ["s", "one"], ["y"])], inputs: [x], outputs: ["y"], tensors: { sizes: int64([2], [1, 3]), one: n(1) } });
  });

  it("tell their length, by which loops run", async () => {
    const each = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [1, 3])], nodes: [node("SequenceAt", ["s", "i"], ["part"]), node("Add", ["h", "part"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
    await resolved({ nodes: [node("SplitToSequence", ["x", "one"], ["s"], { axis: 0 }), node("SequenceLength", ["s"], ["count"]), node("Loop", ["count", "", "start"], ["y"], { body: each })], inputs: [x], outputs: ["y"], tensors: { one: n(1), start: ramp(1, 3) } });
  });

  it("are mapped element by element, with what every element is given", async () => {
    const each = body({ inputs: [value("part", [1, 3]), value("all", [4, 3])], nodes: [node("Add", ["part", "all"], ["sum"]), node("Relu", ["sum"], ["out"])], outputs: [value("out", [4, 3])] });
    await resolved({ nodes: [node("SplitToSequence", ["x", "one"], ["s"], { axis: 0 }), node("SequenceMap", ["s", "x"], ["t"], { body: each }), node("ConcatFromSequence", ["t"], ["y"], { axis: 0 })], inputs: [x], outputs: ["y"], tensors: { one: n(1) } });
  });

  it("with a place that depends on the data are refused by name", async () => {
    const parts: SmallModel = { nodes: [node("ArgMax", ["x"], ["where"], { axis: 0, keepdims: 0 }), node("Gather", ["where", "zero"], ["place"]), node("SplitToSequence", ["x", "one"], ["s"], { axis: 0 }), node("SequenceAt", ["s", "place"], ["y"])], inputs: [x], outputs: ["y"], tensors: { one: n(1), zero: n(0) } };
    await expect(resolved(parts)).rejects.toMatchObject({ code: "MODEL_DYNAMIC", message: expect.stringContaining('SequenceAt "y"') as string });
  });

  it("as the model's only output are refused", async () => {
    const before = model({ nodes: [node("SequenceConstruct", ["x"], ["y"])], inputs: [x], outputs: ["y"] });
    await expect(resolveControl(executor, before, new Set(), feeds)).rejects.toMatchObject({ code: "MODEL_SEQUENCE" });
  });
});

describe("optional values", () => {
  it("are what they hold", async () => {
    const made = await resolved({ nodes: [node("Neg", ["x"], ["a"]), node("Optional", ["a"], ["o"]), node("OptionalHasElement", ["o"], ["has"]), node("If", ["has"], ["y"], { then_branch: body({ nodes: [node("OptionalGetElement", ["o"], ["got"])], outputs: ["got"] }), else_branch: body({ nodes: [node("Identity", ["x"], ["e"])], outputs: ["e"] }) })], inputs: [x], outputs: ["y"] });
    expect(operators(made)).toEqual(["Neg"]);
  });
});

describe("a traced model", () => {
  it("has neither control flow nor sequences, and its parameters keep their names", async () => {
    const step = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [4, 3])], nodes: [node("MatMul", ["h", "w"], ["z"]), node("Tanh", ["z"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
    const { model: made } = rewriteModel(model({ nodes: [node("Shape", ["x"], ["s"]), node("Gather", ["s", "one"], ["steps"]), node("Loop", ["steps", "yes", "x"], ["y"], { body: step })], inputs: [value("x", ["n", 3])], outputs: ["y"], tensors: { w: ramp(3, 3), one: n(1), yes: bool(true) } }));
    const traced = await trace(executor, made, new Set(["w"]), feeds);
    expect(traced.nodes.map((m) => m.op).filter((op) => op !== "Identity")).toEqual(["MatMul", "Tanh", "MatMul", "Tanh", "MatMul", "Tanh"]);
    expect(traced.values.get("w")?.depends).toEqual({ onInput: false, onParameters: true });
    expect(traced.values.get("y")?.shape).toEqual([4, 3]);
  });
});
