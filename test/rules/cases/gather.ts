import { type RuleCase, fixed, ints, node, one, v } from "../case.ts";

const gathers: readonly RuleCase[] = [
  one("Gather", "rows, one twice, one from the end", [v([5, 3]), ints([0, 2, 2, -1])], { attributes: { axis: 0 } }),
  one("Gather", "a matrix of indices on a middle axis", [v([2, 4, 3]), ints([0, 3, 1, 1], [2, 2])], { attributes: { axis: 1 } }),
  one("Gather", "a scalar index on the last axis", [v([2, 4, 3]), ints([2], [])], { attributes: { axis: -1 } }),
  one("GatherElements", "rows, repeated", [v([4, 3]), ints([0, 1, 1, 3, -1, 0], [2, 3])], { attributes: { axis: 0 } }),
  one("GatherElements", "last axis", [v([2, 4]), ints([0, 0, 3, -2, 1, 1], [2, 3])], { attributes: { axis: -1 } }),
  one("GatherND", "whole rows", [v([4, 3]), ints([0, 2, 2], [3, 1])]),
  one("GatherND", "single entries", [v([4, 3]), ints([0, 2, 3, 1, 3, 1], [3, 2])]),
  one("GatherND", "inside of a batch", [v([2, 4, 3]), ints([1, 0, 3, 2], [2, 2, 1])], { attributes: { batch_dims: 1 } }),
  one("GatherND", "inside of two batch axes", [v([2, 2, 4]), ints([1, 0, 3, 2], [2, 2, 1])], { attributes: { batch_dims: 2 } }),
];

const scatters: readonly RuleCase[] = [
  one("ScatterElements", "set", [v([4, 3]), ints([0, 1, 2, 3, 0, 1], [2, 3]), v([2, 3])], { attributes: { axis: 0 } }),
  one("ScatterElements", "set, last axis", [v([2, 5]), ints([0, -1, 3, 2], [2, 2]), v([2, 2])], { attributes: { axis: 1 } }),
  one("ScatterElements", "added, repeated", [v([2, 5]), ints([1, 1, 3, 3], [2, 2]), v([2, 2])], { attributes: { axis: 1, reduction: "add" } }),
  one("ScatterElements", "multiplied", [v([2, 5]), ints([1, 1, 3, 2], [2, 2]), v([2, 2])], { attributes: { axis: 1, reduction: "mul" } }),
  one("ScatterElements", "the larger kept", [v([2, 5]), ints([1, 1, 3, 2], [2, 2]), v([2, 2])], { attributes: { axis: 1, reduction: "max" } }),
  one("ScatterElements", "the smaller kept", [v([2, 5]), ints([1, 0, 3, 2], [2, 2]), v([2, 2])], { attributes: { axis: 1, reduction: "min" } }),
  one("Scatter", "the old name (opset 9)", [v([4, 3]), ints([0, 1, 2], [1, 3]), v([1, 3])], { opset: 9 }),
  one("ScatterND", "rows set", [v([4, 3]), ints([2, 0], [2, 1]), v([2, 3])]),
  one("ScatterND", "entries added, repeated", [v([4, 3]), ints([2, 0, 2, 0, 1, 1], [3, 2]), v([3])], { attributes: { reduction: "add" } }),
  one("ScatterND", "rows multiplied", [v([4, 3]), ints([2, 0], [2, 1]), v([2, 3])], { attributes: { reduction: "mul" } }),
  one("ScatterND", "rows, the larger kept", [v([4, 3]), ints([2, 0], [2, 1]), v([2, 3])], { attributes: { reduction: "max" } }),
];

const chosen: readonly RuleCase[] = [
  one("TopK", "largest", [v([3, 5]), ints([2])], { outputs: 2 }),
  one("TopK", "smallest along the first axis", [v([5, 3]), ints([3])], { outputs: 2, attributes: { axis: 0, largest: 0 } }),
  one("TopK", "k as an attribute (opset 9)", [v([3, 5])], { outputs: 2, attributes: { k: 2 }, opset: 9 }),
  one("Compress", "rows", [v([3, 4]), fixed({ dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) })], { attributes: { axis: 0 } }),
  one("Compress", "of the flattened tensor", [v([2, 3]), fixed({ dtype: "bool", shape: [5], data: Uint8Array.of(0, 1, 0, 0, 1) })]),
  one("Unique", "of rows", [v([4, 2])], { attributes: { axis: 0 }, outputs: 4 }),
  one("Unique", "unsorted", [v([2, 3])], { attributes: { sorted: 0 }, outputs: 2 }),
  one("OneHot", "values as variables, along the first axis", [ints([0, 2, -1, 1]), ints([3], []), v([2])], { attributes: { axis: 0 } }),
];

/** x[arange(n), argmax]: the state of one token of each sample, by its place. */
const tokens: RuleCase = {
  title: "GatherND: a token of each sample, rows counted in the model",
  nodes: [
    node("MatMul", ["x", "w"], ["h"]), node("Shape", ["x"], ["s"], { start: 0, end: 1 }), node("Squeeze", ["s"], ["n"]), node("Range", ["zero", "n", "one"], ["r"]), node("Unsqueeze", ["r", "axis"], ["rows"]),
    node("ReduceSum", ["x", "last"], ["t"], { keepdims: 0 }), node("ArgMax", ["t"], ["best"], { axis: 1, keepdims: 1 }), node("Concat", ["rows", "best"], ["places"], { axis: 1 }), node("GatherND", ["h", "places"], ["y"]),
  ],
  operands: { x: v([3, 4, 3]), w: v([3, 2]), zero: ints([0], []), one: ints([1], []), axis: ints([1]), last: ints([2]) },
  outputs: ["y"],
  opset: 21,
  samples: true,
};

export const gather: readonly RuleCase[] = [...gathers, ...scatters, ...chosen, tokens];
