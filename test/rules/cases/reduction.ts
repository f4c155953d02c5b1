import { type RuleCase, between, floats, ints, node, one, v } from "../case.ts";

const OPS = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"] as const;

const plain = OPS.flatMap((op): RuleCase[] => [
  one(op, "all axes", [v([2, 3, 4])]),
  one(op, "one axis, kept", [v([2, 3, 4]), ints([1])], { attributes: { keepdims: 1 } }),
  one(op, "two axes, dropped", [v([2, 3, 4]), ints([0, 2])], { attributes: { keepdims: 0 } }),
  one(op, "a negative axis", [v([2, 3, 4]), ints([-1])], { attributes: { keepdims: 0 } }),
  one(op, "axes as an attribute (opset 11)", [v([2, 3, 4])], { attributes: { axes: [-2], keepdims: 0 }, opset: 11 }),
  one(op, "a scalar", [v([])]),
]);

/** x times constants of which some are 0: the product's derivative must see the others. */
const withZeros: RuleCase = {
  title: "ReduceProd: rows with no zero, one and two",
  nodes: [node("Mul", ["x", "m"], ["z"]), node("ReduceProd", ["z", "a"], ["y"])],
  operands: { x: v([3, 4]), m: floats([1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1], [3, 4]), a: ints([1]) },
  outputs: ["y"],
  opset: 21,
  samples: false,
};

export const reduction: readonly RuleCase[] = [
  ...plain,
  withZeros,
  one("ReduceSum", "no axes, nothing to do", [v([2, 3]), ints([])], { attributes: { noop_with_empty_axes: 1 } }),
  one("ReduceLogSum", "positive, one axis", [between(0.5, 2, [2, 3, 4]), ints([1])]),
  one("ReduceLogSumExp", "large numbers", [between(90, 110, [2, 5]), ints([1])]),
  one("GlobalMaxPool", "two axes", [v([2, 3, 4, 5])]),
  one("GlobalLpPool", "p = 2", [v([2, 3, 4, 5])]),
  one("GlobalLpPool", "p = 3", [v([2, 3, 4])], { attributes: { p: 3 } }),
  one("GlobalAveragePool", "two axes", [v([2, 3, 4, 5])]),
  one("GlobalAveragePool", "one axis", [v([2, 3, 4])]),
  one("Sum", "four operands", [v([3, 4]), v([4]), v([]), v([3, 1])]),
  one("Mean", "three operands", [v([3, 4]), v([4]), v([3, 1])]),
];
