import { int64 } from "../../../src/core/tensor.ts";
import { type RuleCase, fixed, floats, ints, node, v } from "../case.ts";

const chain = (title: string, nodes: RuleCase["nodes"], operands: RuleCase["operands"]): RuleCase => ({ title, nodes, operands, outputs: ["y"], opset: 21, samples: true });

/** Steps between parameters and the network: per-sample gradients must find their way back through them. */
const between: readonly RuleCase[] = [
  chain("Parameters: a low-rank update, W + B·A", [node("MatMul", ["b", "a"], ["d"]), node("Add", ["w", "d"], ["s"]), node("MatMul", ["x", "s"], ["y"])], { x: v([3, 4]), w: v([4, 5]), b: v([4, 2]), a: v([2, 5]) }),
  chain("Parameters: weight normalisation, g·v/‖v‖", [
    node("ReduceL2", ["v", "axes"], ["n"]), node("Div", ["v", "n"], ["u"]), node("Mul", ["u", "g"], ["w"]), node("MatMul", ["x", "w"], ["y"]),
  ], { x: v([3, 4]), v: v([4, 5]), g: v([5]), axes: ints([0]) }),
  chain("Parameters: standardised weights of a convolution", [
    node("ReduceMean", ["w", "axes"], ["m"]), node("Sub", ["w", "m"], ["c"]), node("Mul", ["c", "c"], ["q"]), node("ReduceSum", ["q", "axes"], ["s"]), node("Sqrt", ["s"], ["r"]), node("Div", ["c", "r"], ["k"]), node("Conv", ["x", "k"], ["y"]),
  ], { x: v([3, 2, 5, 5]), w: v([3, 2, 3, 3]), axes: ints([1, 2, 3]) }),
  chain("Parameters: parts of a packed weight", [
    node("Slice", ["w", "zero", "three", "one"], ["a"]), node("Slice", ["w", "three", "six", "one"], ["b"]), node("MatMul", ["x", "a"], ["p"]), node("MatMul", ["x", "b"], ["q"]), node("Mul", ["p", "q"], ["y"]),
  ], { x: v([3, 4]), w: v([4, 6]), zero: ints([0]), one: ints([1]), three: ints([3]), six: ints([6]) }),
  chain("Parameters: joined and negated", [node("Neg", ["a"], ["n"]), node("Concat", ["n", "b"], ["w"], { axis: 1 }), node("MatMul", ["x", "w"], ["y"])], { x: v([3, 4]), a: v([4, 2]), b: v([4, 3]) }),
  chain("Parameters: a broadcast scale under an exponential", [node("Exp", ["s"], ["e"]), node("Expand", ["e", "shape"], ["w"]), node("MatMul", ["x", "w"], ["y"])], { x: v([3, 4]), s: v([1, 5]), shape: ints([4, 5]) }),
  chain("Parameters: a weight under Max", [node("Max", ["w", "zero"], ["p"]), node("MatMul", ["x", "p"], ["y"])], { x: v([3, 4]), w: v([4, 5]), zero: floats([0]) }),
];

/** A parameter repeated for every sample: the class token of a vision transformer. */
const tokens: readonly RuleCase[] = [
  chain("Parameters: a class token under Expand, joined to the others", [
    node("Shape", ["x"], ["n"], { start: 0, end: 1 }), node("Concat", ["n", "rest"], ["s"], { axis: 0 }), node("Expand", ["c", "s"], ["e"]), node("Concat", ["e", "x"], ["j"], { axis: 1 }), node("MatMul", ["j", "w"], ["h"]), node("Tanh", ["h"], ["y"]),
  ], { x: v([3, 4, 5]), c: v([1, 1, 5]), w: v([5, 2]), rest: ints([1, 5]) }),
  chain("Parameters: a token under Tile, twice used", [
    node("Shape", ["x"], ["n"], { start: 0, end: 1 }), node("Concat", ["n", "rest"], ["s"], { axis: 0 }), node("Tile", ["c", "s"], ["e"]), node("Concat", ["e", "x"], ["j"], { axis: 1 }), node("Mul", ["j", "e"], ["y"]),
  ], { x: v([3, 4, 5]), c: v([1, 1, 5]), rest: ints([1, 1]) }),
];

/** Frames of a video, each an image: [n, 2, C, H, W] → [n·2, C, H, W] and back. */
const frames = (["Conv", "ConvTranspose"] as const).flatMap((op) => [1, 2].map((group) => chain(`${op}: frames merged into the samples, ${group} group${group === 1 ? "" : "s"}`, [
  node("Reshape", ["x", "flat"], ["f"]), node(op, ["f", "w", "b"], ["c"], { group }), node("Reshape", ["c", "back"], ["y"]),
], { x: v([3, 2, 4, 4, 4]), w: v([4, 4 / group, 3, 3]), b: v([4]), flat: ints([-1, 4, 4, 4]), back: ints([-1, 2, op === "Conv" ? 16 : 144]) })));

/** Tokens are made from the data by rounding, so that the case has floating samples. */
const embeddings: readonly RuleCase[] = [
  chain("Gather: an embedding table, tokens that repeat", [
    node("Cast", ["x"], ["t"], { to: 7 }), node("Gather", ["table", "t"], ["e"]), node("ReduceMean", ["x", "last"], ["m"], { keepdims: 1 }), node("Unsqueeze", ["m", "last"], ["u"]), node("Mul", ["e", "u"], ["y"]),
  ], { x: v([3, 4], (source) => source.integer(5) + 0.5), table: v([5, 2]), last: fixed(int64([1], [-1])) }),
  chain("Gather: a learned offset added to tokens, and both tables used", [
    node("Cast", ["x"], ["t"], { to: 6 }), node("Gather", ["table", "t"], ["e"]), node("Gather", ["offsets", "places"], ["o"]), node("Add", ["e", "o"], ["s"]), node("Mul", ["s", "s"], ["y"]),
  ], { x: v([3, 4], (source) => source.integer(5) + 0.5), table: v([5, 2]), offsets: v([6, 2]), places: ints([0, 1, 2, 3]) }),
];

const small = (shape: readonly number[]) => v(shape, (source) => 0.5 * source.normal());

const recurrent = (["RNN", "GRU", "LSTM"] as const).map((op, i) => {
  const gates = [1, 3, 4][i] ?? 1;
  return chain(`${op}: weights shared over time, per sample`, [
    node("Transpose", ["x"], ["t"], { perm: [1, 0, 2] }), node(op, ["t", "w", "r", "b"], ["s", "h"], { hidden_size: 3, direction: "bidirectional" }), node("Transpose", ["h"], ["y"], { perm: [1, 0, 2] }),
  ], { x: v([3, 4, 2]), w: small([2, gates * 3, 2]), r: small([2, gates * 3, 3]), b: small([2, gates * 6]) });
});

export const parameters: readonly RuleCase[] = [...between, ...tokens, ...frames, ...embeddings, ...recurrent];
