import { describe, expect, it } from "vitest";
import { int64, type Tensor } from "../../../../src/core/tensor.ts";
import type { Model, Node } from "../../../../src/onnx/graph.ts";
import { rewriteModel } from "../../../../src/onnx/rewrite/index.ts";
import { resolveControl } from "../../../../src/onnx/rewrite/control/resolve.ts";
import { body, bool, executor, model, node, numbers, operators, ramp, run, type SmallModel, value } from "../small-model.ts";

const x = value("x", ["n", 3]);
const n = (count: number): Tensor => int64([], [count]);
const feeds = { x: ramp(2, 3) };

/** The model after all passes and a resolving run, which must compute what the file does. */
const resolved = async (parts: SmallModel, given: Readonly<Record<string, Tensor>> = feeds): Promise<Model> => {
  const before = model(parts);
  const after = await resolveControl(executor, rewriteModel(before).model, new Set(), given);
  const [expected, found] = [await run(before, given), await run(after, given)];
  for (const { name } of before.graph.outputs) {
    expect(found[name]?.shape, `shape of ${name}`).toEqual(expected[name]?.shape);
    expect(numbers(found[name]), name).toEqual(numbers(expected[name]));
  }
  return after;
};

/** h ← h·w each round, with every h collected. */
const powers = (more: readonly Node[] = []): ReturnType<typeof body> => body({
  inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])],
  nodes: [node("Mul", ["h", "w"], ["next"]), node("Identity", ["goes"], ["on"]), ...more],
  outputs: ["on", "next", "next"],
});

const inIf = (op: string): ReturnType<typeof body> => body({ nodes: [node(op, ["x"], ["t"]), node("Mul", ["t", "w"], ["r"])], outputs: ["r"] });

describe("If", () => {
  it("with a stored condition is replaced by the branch that is taken, without any run", () => {
    const made = rewriteModel(model({ nodes: [node("If", ["flag"], ["y"], { then_branch: inIf("Neg"), else_branch: inIf("Abs") })], inputs: [x], outputs: ["y"], tensors: { flag: bool(false), w: ramp(3) } })).model;
    expect(operators(made)).toEqual(["Abs", "Mul"]);
  });

  it("whose condition comes from shapes is decided by a run: PyTorch's squeeze", async () => {
    const made = await resolved({
      nodes: [
        node("Shape", ["x"], ["shape"]), node("Gather", ["shape", "zero"], ["rows"]), node("Equal", ["rows", "one"], ["flag"]),
        node("If", ["flag"], ["y"], { then_branch: body({ nodes: [node("Squeeze", ["x", "axis"], ["s"])], outputs: ["s"] }), else_branch: body({ nodes: [node("Identity", ["x"], ["s"])], outputs: ["s"] }) }),
      ],
      inputs: [x], outputs: ["y"], tensors: { zero: n(0), one: n(1), axis: int64([1], [0]) },
    });
    expect(made.graph.nodes.map((m) => m.op)).not.toContain("If");
  });

  it("nested in a branch of another is resolved too, with sibling branches using the same names", async () => {
    const outer = body({ nodes: [node("Neg", ["x"], ["u"]), node("If", ["flag"], ["r"], { then_branch: body({ nodes: [node("Add", ["u", "w"], ["q"])], outputs: ["q"] }), else_branch: body({ nodes: [node("Abs", ["u"], ["q"])], outputs: ["q"] }) })], outputs: ["r"] });
    const made = await resolved({ nodes: [node("Shape", ["x"], ["s"]), node("Size", ["s"], ["rank"]), node("Equal", ["rank", "two"], ["flag"]), node("If", ["flag"], ["y"], { then_branch: outer, else_branch: inIf("Abs") })], inputs: [x], outputs: ["y"], tensors: { two: n(2), w: ramp(3) } });
    expect(operators(made)).toEqual(["Shape", "Size", "Equal", "Neg", "Add"]);
  });

  it("with inner names that hide outer ones means the inner ones inside and the outer ones outside", async () => {
    const hiding = body({ nodes: [node("Abs", ["x"], ["t"]), node("Mul", ["t", "t"], ["r"])], outputs: ["r"] });
    const made = rewriteModel(model({ nodes: [node("Neg", ["x"], ["t"]), node("If", ["flag"], ["u"], { then_branch: hiding, else_branch: hiding }), node("Add", ["t", "u"], ["y"])], inputs: [x], outputs: ["y"], tensors: { flag: bool(true) } })).model;
    const expected = numbers(ramp(2, 3)).map((v) => v * v - v);
    numbers((await run(made, feeds)).y).forEach((v, i) => { expect(v).toBeCloseTo(expected[i] ?? NaN, 6); });
  });

  it("that returns a tensor of the model or of its own without any operator hands it out", async () => {
    const own = body({ nodes: [node("Constant", [], ["c"], { value: { type: "tensor", value: ramp(2, 3) } })], outputs: ["c"] });
    await resolved({ nodes: [node("Shape", ["x"], ["s"]), node("Size", ["s"], ["rank"]), node("Equal", ["rank", "two"], ["flag"]), node("If", ["flag"], ["u"], { then_branch: own, else_branch: inIf("Abs") }), node("Add", ["u", "x"], ["y"])], inputs: [x], outputs: ["y"], tensors: { two: n(2), w: ramp(3) } });
  });

  it("whose condition depends on the data is refused by name", async () => {
    const parts: SmallModel = { nodes: [node("ReduceSum", ["x"], ["sum"], { keepdims: 0 }), node("Greater", ["sum", "zero"], ["flag"]), node("If", ["flag"], ["y"], { then_branch: inIf("Neg"), else_branch: inIf("Abs") })], inputs: [x], outputs: ["y"], tensors: { zero: { dtype: "float32", shape: [], data: Float32Array.of(0) }, w: ramp(3) } };
    await expect(resolved(parts)).rejects.toMatchObject({ code: "MODEL_DYNAMIC", message: expect.stringContaining('The condition of If "y"') as string });
  });
});

describe("Loop", () => {
  it("with a stored trip count is written out without any run; tensors of its body are initializers of the model", () => {
    const inner = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])], nodes: [node("Mul", ["h", "w"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"], tensors: { w: ramp(3) } });
    const made = rewriteModel(model({ nodes: [node("Loop", ["three", "", "x"], ["y"], { body: inner })], inputs: [x], outputs: ["y"], tensors: { three: n(3) } })).model;
    expect(operators(made)).toEqual(["Mul", "Mul", "Mul"]);
    expect(made.graph.initializers.get("w")?.origin).toBe("subgraph");
  });

  it.each([11, 13, 17])("collects values along a new axis (opset %i)", async (opset) => {
    await resolved({ opset, nodes: [node("Loop", ["three", "yes", "x"], ["last", "all"], { body: powers() })], inputs: [value("x", [2, 3])], outputs: ["last", "all"], tensors: { three: n(3), yes: bool(true), w: ramp(3) } });
  });

  it("runs as often as shapes say, uses its iteration number, and is written out for each shape anew", async () => {
    const counted = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])], nodes: [node("Cast", ["i"], ["number"], { to: 1 }), node("Add", ["h", "number"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
    const parts: SmallModel = { nodes: [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["rows"]), node("Loop", ["rows", "", "x"], ["y"], { body: counted })], inputs: [value("x", ["n", 3])], outputs: ["y"], tensors: { zero: n(0) } };
    const two = await resolved(parts);
    expect(operators(two).filter((op) => op === "Add")).toHaveLength(2);
  });

  it("that ends by a condition of its own is counted by running it", async () => {
    const until = body({
      inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3]), value("count", [], "int64")],
      nodes: [node("Mul", ["h", "w"], ["next"]), node("Add", ["count", "one"], ["more"]), node("Less", ["more", "four"], ["on"])],
      outputs: ["on", "next", "more"],
    });
    const made = await resolved({ nodes: [node("Loop", ["", "yes", "x", "zero"], ["y", "count"], { body: until })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { yes: bool(true), one: n(1), four: n(4), zero: n(0), w: ramp(3) } });
    expect(operators(made).filter((op) => op === "Mul")).toHaveLength(4);
  });

  it("that never runs hands its inputs on, and collects nothing", async () => {
    await resolved({ nodes: [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["rows"]), node("Sub", ["rows", "rows"], ["none"]), node("Loop", ["none", "yes", "x"], ["last", "all"], { body: powers() })], inputs: [value("x", [2, 3])], outputs: ["last", "all"], tensors: { zero: n(0), yes: bool(true), w: ramp(3) } });
  });

  it("inside of a loop is written out in each iteration", async () => {
    const inner = body({ inputs: [value("j", [], "int64"), value("goes2", [], "bool"), value("k", [2, 3])], nodes: [node("Add", ["k", "h"], ["knext"]), node("Identity", ["goes2"], ["on2"])], outputs: ["on2", "knext"] });
    const outer = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])], nodes: [node("Loop", ["rows", "", "h"], ["next"], { body: inner }), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
    const made = await resolved({ nodes: [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["rows"]), node("Loop", ["rows", "", "x"], ["y"], { body: outer })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { zero: n(0) } });
    expect(operators(made).filter((op) => op === "Add")).toHaveLength(4);
  });

  it("whose end depends on the data, over several iterations, is refused by name", async () => {
    const until = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3]), value("size", [])], nodes: [node("Mul", ["h", "w"], ["next"]), node("ReduceSum", ["next"], ["sum"], { keepdims: 0 }), node("Less", ["size", "limit"], ["on"])], outputs: ["on", "next", "sum"] });
    const parts: SmallModel = { nodes: [node("Loop", ["five", "yes", "x", "limit"], ["y", "size"], { body: until })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { five: n(5), yes: bool(true), limit: { dtype: "float32", shape: [], data: Float32Array.of(1) }, w: ramp(3) } };
    await expect(resolved(parts)).rejects.toMatchObject({ code: "MODEL_DYNAMIC", message: expect.stringContaining('Loop "y"') as string });
  });

  it("that would become too many nodes is refused", () => {
    expect(() => rewriteModel(model({ nodes: [node("Loop", ["many", "yes", "x"], ["y", "all"], { body: powers() })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { many: n(1e6), yes: bool(true), w: ramp(3) } }))).toThrow(expect.objectContaining({ code: "MODEL_UNROLL" }));
  });
});

describe("Scan", () => {
  const cumulative = body({ inputs: [value("state", [3]), value("row", [3])], nodes: [node("Add", ["state", "row"], ["sum"]), node("Mul", ["sum", "w"], ["out"])], outputs: ["sum", "out"] });

  it.each([0, 1] as const)("is written out along its axis, forward and backward (direction %i)", async (direction) => {
    await resolved({ nodes: [node("Scan", ["start", "x"], ["last", "y"], { body: cumulative, num_scan_inputs: 1, scan_input_directions: [direction], scan_output_directions: [direction] })], inputs: [value("x", [4, 3])], outputs: ["last", "y"], tensors: { start: ramp(3), w: ramp(3) } }, { x: ramp(4, 3) });
  });

  it("may scan along inner axes, counted from the end, and stack along them", async () => {
    await resolved({ nodes: [node("Scan", ["start", "x"], ["last", "y"], { body: cumulative, num_scan_inputs: 1, scan_input_axes: [-1], scan_output_axes: [1] })], inputs: [value("x", [3, 5])], outputs: ["last", "y"], tensors: { start: ramp(3), w: ramp(3) } }, { x: ramp(3, 5) });
  });

  it("of opset 8 scans each entry of the batch on its own", async () => {
    await resolved({ opset: 8, nodes: [node("Scan", ["", "start", "x"], ["last", "y"], { body: cumulative, num_scan_inputs: 1 })], inputs: [value("start", [2, 3]), value("x", [2, 4, 3])], outputs: ["last", "y"], tensors: { w: ramp(3) } }, { start: ramp(2, 3), x: ramp(2, 4, 3) });
  });
});
