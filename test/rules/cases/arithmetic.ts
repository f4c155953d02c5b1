import { int64 } from "../../../src/core/tensor.ts";
import { type RuleCase, between, fixed, floats, one, v } from "../case.ts";

const BROADCASTS: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["equal shapes", [3, 4], [3, 4]],
  ["a row under a matrix", [3, 4], [4]],
  ["a scalar", [3, 4], []],
  ["both sides broadcast", [3, 1, 4], [2, 1]],
  ["a longer second operand", [4], [2, 3, 4]],
  ["axes of size one in the middle", [2, 1, 4, 1], [2, 3, 1, 5]],
];

const away = (shape: readonly number[]) => v(shape, (source) => (source.uniform() < 0.5 ? -1 : 1) * (0.5 + source.uniform()));

const binary = BROADCASTS.flatMap(([title, a, b]): RuleCase[] => {
  const samples = a.length >= 2 && a[0] === 3 && b.length < 2;
  return [
    one("Add", title, [v(a), v(b)], { samples }),
    one("Sub", title, [v(a), v(b)], { samples }),
    one("Mul", title, [v(a), v(b)], { samples }),
    one("Div", title, [v(a), away(b)], { samples }),
    one("Pow", title, [between(0.5, 2, a), v(b)], { samples }),
  ];
});

const powers: readonly RuleCase[] = [
  one("Pow", "negative base, whole exponents as floats", [v([3, 4]), floats([2])]),
  one("Pow", "negative base, exponents 0, 1, 2, 3 as integers", [v([3, 4]), fixed(int64([4], [0, 1, 2, 3]))]),
  one("Pow", "base 0, exponents 0, 1, 2, 3", [v([2, 4], () => 0), floats([0, 1, 2, 3])]),
  one("Pow", "negative exponents", [away([3, 4]), floats([-1, -2, -3, 0])]),
  one("Pow", "exponent one half, of opset 7", [between(0.5, 2, [5]), floats([0.5])], { opset: 7 }),
];

const unary: readonly RuleCase[] = [
  one("Neg", "a matrix", [v([3, 4])]),
  one("Reciprocal", "away from 0", [away([3, 4])]),
  one("Sqrt", "positive", [between(0.5, 2, [3, 4])]),
  one("Exp", "a matrix", [v([3, 4])]),
  one("Log", "positive", [between(0.5, 2, [3, 4])]),
  one("Mul", "the same operand twice is a square", [v([3, 4])]),
];

export const arithmetic: readonly RuleCase[] = [...binary, ...powers, ...unary.map((c) => (c.title.startsWith("Mul") ? { ...c, nodes: c.nodes.map((n) => ({ ...n, inputs: ["i0", "i0"] })) } : c))];
