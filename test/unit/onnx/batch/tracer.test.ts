import { describe, expect, it } from "vitest";
import { float32, int64, type Tensor } from "../../../../src/core/tensor.ts";
import { LensError } from "../../../../src/core/errors.ts";
import { openBatchTracer } from "../../../../src/onnx/batch/tracer.ts";
import { drawnBatches } from "../../jacobian/models.ts";
import { body, executor, model, node, type SmallModel, value } from "../small-model.ts";
import { againstRuns, type Outcome } from "./against-runs.ts";

const SEED = 31;
const WIDTH = 6;
const rows = drawnBatches(SEED, 4, [WIDTH]);
const x = value("x", ["n", WIDTH]);

type Parts = Omit<SmallModel, "inputs" | "outputs">;

const outcome = ({ tensors = {}, ...parts }: Parts, sizes?: readonly number[]): Promise<Outcome> =>
  againstRuns({ model: model({ opset: 19, ...parts, tensors: { zero: int64([1], [0]), one: int64([1], [1]), width: int64([1], [WIDTH]), ...tensors }, inputs: [x], outputs: ["y"] }), parameters: [], rows }, sizes);

const scalar = (count: number): Tensor => int64([], [count]);

/** The number of rows, as an array of one entry. */
const count = [node("Shape", ["x"], ["shape"]), node("Gather", ["shape", "zero"], ["n"])];

/** A number of columns that two thresholds steer, and the input with so many columns. */
const columns = (...nodes: ReturnType<typeof node>[]) => [...count, ...nodes, node("Concat", ["minus", "k"], ["target"], { axis: 0 }), node("Reshape", ["x", "target"], ["y"])];

const minus = int64([1], [-1]);

describe("traces of large batches", () => {
  it("are told by small ones where a Reshape target is made of the number of rows", async () => {
    expect(await outcome({ nodes: [...count, node("Mul", ["n", "two"], ["twice"]), node("Concat", ["twice", "three"], ["target"], { axis: 0 }), node("Reshape", ["x", "target"], ["y"])], tensors: { two: int64([1], [2]), three: int64([1], [3]) } }))
      .toEqual({ wrong: [], told: [7, 16, 33] });
  });

  it("are told where PyTorch's expand looks for −1 in a shape made of the number of rows", async () => {
    const nodes = [
      ...count, node("Concat", ["n", "width"], ["target"], { axis: 0 }), node("Shape", ["target"], ["rank"]), node("ConstantOfShape", ["rank"], ["ones"], { value: { type: "tensor", value: int64([1], [1]) } }),
      node("Mul", ["ones", "minus"], ["none"]), node("Equal", ["target", "none"], ["open"]), node("Where", ["open", "ones", "target"], ["full"]), node("Expand", ["token", "full"], ["tokens"]), node("Add", ["x", "tokens"], ["y"]),
    ];
    expect(await outcome({ nodes, tensors: { minus, token: float32([1, 1], [0.5]) } })).toEqual({ wrong: [], told: [7, 16, 33] });
  });

  it("have the engine's own numbers where rows are counted and masked", async () => {
    const nodes = [
      node("Shape", ["x"], ["shape"]), node("Gather", ["shape", "first"], ["n"]), node("Range", ["first", "n", "next"], ["numbers"]), node("Unsqueeze", ["numbers", "one"], ["column"]),
      node("Less", ["column", "numbers"], ["before"]), node("Cast", ["before"], ["mask"], { to: 1 }), node("MatMul", ["mask", "x"], ["y"]),
    ];
    expect(await outcome({ nodes, tensors: { first: scalar(0), next: scalar(1) } })).toEqual({ wrong: [], told: [7, 16, 33] });
  });

  it("are runs up to five samples", async () => {
    expect((await outcome({ nodes: [node("Tanh", ["x"], ["y"])] }, [1, 2, 3, 4, 5, 6])).told).toEqual([6]);
  });
});

describe("a batch is run where small ones do not tell it:", () => {
  it("a number of rows that is cut off at four", async () => {
    expect(await outcome({ nodes: [...count, node("Min", ["n", "four"], ["few"]), node("Slice", ["x", "zero", "few"], ["y"])], tensors: { four: int64([1], [4]) } })).toEqual({ wrong: [], told: [] });
  });

  it("a number of rows that is cut off at thirty, from there on", async () => {
    const nodes = [...count, node("Min", ["n", "thirty"], ["few"]), node("Concat", ["few", "one"], ["size"], { axis: 0 }), node("Expand", ["half", "size"], ["some"]), node("ReduceSum", ["some"], ["sum"], { keepdims: 0 }), node("Mul", ["x", "sum"], ["y"])];
    expect(await outcome({ nodes, tensors: { thirty: int64([1], [30]), half: float32([1, 1], [0.5]) } })).toEqual({ wrong: [], told: [7, 16] });
  });

  it("columns that are others above ten rows", async () => {
    const nodes = columns(node("Greater", ["n", "ten"], ["many"]), node("Where", ["many", "width", "three"], ["k"]));
    expect(await outcome({ nodes, tensors: { minus, ten: int64([1], [10]), three: int64([1], [3]) } })).toEqual({ wrong: [], told: [7] });
  });

  it("columns that grow with every eight rows", async () => {
    const nodes = columns(node("Div", ["n", "eight"], ["eighths"]), node("Min", ["eighths", "one"], ["some"]), node("Add", ["some", "one"], ["k"]));
    expect(await outcome({ nodes, tensors: { minus, eight: int64([1], [8]) } })).toEqual({ wrong: [], told: [7] });
  });

  it("the first hundred rows, which are all of a small batch", async () => {
    expect(await outcome({ nodes: [node("Slice", ["x", "zero", "hundred"], ["y"])], tensors: { hundred: int64([1], [100]) } }, [16, 128])).toEqual({ wrong: [], told: [] });
    expect(await outcome({ nodes: [node("Slice", ["x"], ["y"], { starts: [-100], ends: [2 ** 31 - 1], axes: [0] })], opset: 9 }, [16, 128])).toEqual({ wrong: [], told: [] });
  });

  it("the first columns are told, and so are all rows", async () => {
    const tensors = { last: int64([2], [3, 2 ** 53 - 1]), zeros: int64([2], [0, 0]), axes: int64([2], [-1, 0]) };
    expect(await outcome({ nodes: [node("Slice", ["x", "zeros", "last", "axes"], ["y"])], tensors })).toEqual({ wrong: [], told: [7, 16, 33] });
  });

  it("windows over the rows", async () => {
    const nodes = [node("Unsqueeze", ["x", "lead"], ["image"]), node("MaxPool", ["image"], ["y"], { kernel_shape: [1, 1], strides: [40, 1] })];
    expect(await outcome({ nodes, tensors: { lead: int64([2], [0, 1]) } }, [16, 80])).toEqual({ wrong: [], told: [] });
  });

  it("all pairs of rows in one axis", async () => {
    expect(await outcome({ nodes: [node("Transpose", ["x"], ["t"], { perm: [1, 0] }), node("MatMul", ["x", "t"], ["pairs"]), node("Reshape", ["pairs", "minus"], ["y"])], tensors: { minus } })).toEqual({ wrong: [], told: [] });
  });

  it("entries that the data choose", async () => {
    expect((await outcome({ nodes: [node("NonZero", ["x"], ["y"])] })).told).toEqual([]);
  });

  it("numbers drawn at random", async () => {
    expect((await outcome({ nodes: [node("RandomUniform", [], ["noise"], { shape: [1, WIDTH] }), node("Add", ["x", "noise"], ["y"])] }, [7])).told).toEqual([]);
  });

  it("pairs of rows, which three samples have not", async () => {
    expect(await outcome({ nodes: [node("Reshape", ["x", "target"], ["y"])], tensors: { target: int64([3], [-1, 2, WIDTH]) } }, [4, 16])).toEqual({ wrong: [], told: [] });
  });

  it("a Loop over the rows", async () => {
    const round = body({
      inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [WIDTH])],
      nodes: [node("Gather", ["x", "i"], ["row"]), node("Add", ["h", "row"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"],
    });
    const nodes = [...count, node("Squeeze", ["n", "zero"], ["trips"]), node("Loop", ["trips", "", "start"], ["y"], { body: round })];
    const found = await outcome({ nodes, tensors: { start: float32([WIDTH], new Float32Array(WIDTH)) } }, [7, 9]);
    expect(found).toEqual({ wrong: [], told: [] });
  });

  it("and what a run of two samples throws is thrown for it", async () => {
    const bad = model({ nodes: [node("Reshape", ["x", "target"], ["y"])], inputs: [x], outputs: ["y"], tensors: { target: int64([2], [1, WIDTH]) } });
    const traces = await openBatchTracer(executor, bad, new Set(), (batch) => ({ x: rows(0, batch) }));
    await expect(traces.at(16)).rejects.toThrow(LensError);
    await traces.dispose();
  });
});
