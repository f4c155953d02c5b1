import { type RuleCase, ints, node, one, v } from "../case.ts";

const SLICES: readonly (readonly [string, readonly number[], readonly number[], readonly number[] | undefined, readonly number[] | undefined])[] = [
  ["two axes", [1, 0], [3, 2], [0, 2], undefined],
  ["from the end", [-3], [-1], [1], undefined],
  ["negative axis", [1], [3], [-1], undefined],
  ["past the end", [1, -100], [100, 2], [0, 1], undefined],
  ["steps of two", [0, 1], [4, 6], [0, 2], [2, 3]],
  ["backwards", [-1], [-100], [1], [-1]],
  ["backwards in steps of two", [4, 3], [0, -100], [2, 0], [-2, -2]],
  ["no axes named", [1, 1, 1], [3, 4, 5], undefined, undefined],
];

const slices = SLICES.map(([title, starts, ends, axes, steps]) => one("Slice", title, [v([4, 5, 6]), ints(starts), ints(ends), axes && ints(axes), steps && ints(steps)]));

const moves: readonly RuleCase[] = [
  one("Reshape", "a computed axis", [v([2, 3, 4]), ints([0, -1])]),
  one("Flatten", "axis 2", [v([2, 3, 4])], { attributes: { axis: 2 } }),
  one("Squeeze", "an axis as operand", [v([2, 1, 4]), ints([1])]),
  one("Squeeze", "an axis as attribute (opset 11)", [v([2, 1, 4])], { attributes: { axes: [1] }, opset: 11 }),
  one("Unsqueeze", "two axes", [v([2, 3]), ints([0, -1])]),
  one("Transpose", "a permutation", [v([2, 3, 4])], { attributes: { perm: [2, 0, 1] } }),
  one("Transpose", "no permutation named", [v([2, 3, 4])]),
  one("Expand", "new and broadcast axes", [v([3, 1]), ints([2, 1, 4])]),
  one("Concat", "three parts", [v([2, 3]), v([2, 1]), v([2, 2])], { attributes: { axis: 1 } }),
  one("Concat", "negative axis", [v([2, 3, 4]), v([2, 1, 4])], { attributes: { axis: -2 } }),
  one("Identity", "a matrix", [v([2, 3])]),
];

/** Stepwise operators on the way: their derivative is zero, and what lies around them counts. */
const zeros: readonly RuleCase[] = ["Shape", "Size"].map((op) => ({
  title: `${op}: the derivative does not pass`,
  nodes: [node("Mul", ["x", "x"], ["m"]), node(op, ["m"], ["s"]), node("Cast", ["s"], ["c"], { to: 1 }), node("ReduceSum", ["c"], ["t"], { keepdims: 0 }), node("Mul", ["m", "t"], ["y"])],
  operands: { x: v([2, 3]) },
  outputs: ["y"],
  opset: 21,
  samples: false,
}));

export const shape: readonly RuleCase[] = [...slices, ...moves, ...zeros];
