import { float32 } from "../../../src/core/tensor.ts";
import { type RuleCase, between, fixed, floats, node, one, v } from "../case.ts";

/** Over the kinks of the operators below: from −4 to 4. */
const wide = between(-4, 4, [6, 7]);

const curves: readonly RuleCase[] = [
  ...["Abs", "LeakyRelu", "ThresholdedRelu", "Elu", "Celu", "Selu", "HardSigmoid", "HardSwish", "Softsign", "Mish", "Gelu"].map((op) => one(op, "its own constants", [wide])),
  one("Shrink", "hard", [wide], { attributes: { lambd: { float: 1.5 } } }),
  one("Shrink", "soft", [wide], { attributes: { lambd: { float: 1.5 }, bias: { float: 1.5 } } }),
  one("LeakyRelu", "α = 0.3", [wide], { attributes: { alpha: { float: 0.3 } } }),
  one("ThresholdedRelu", "α = −1", [wide], { attributes: { alpha: { float: -1 } } }),
  one("Elu", "α = 2", [wide], { attributes: { alpha: { float: 2 } } }),
  one("Celu", "α = 2", [wide], { attributes: { alpha: { float: 2 } } }),
  one("Selu", "α = 2, γ = 3", [wide], { attributes: { alpha: { float: 2 }, gamma: { float: 3 } } }),
  one("HardSigmoid", "α = 0.5, β = 0.6", [wide], { attributes: { alpha: { float: 0.5 }, beta: { float: 0.6 } } }),
  one("Gelu", "with tanh", [wide], { attributes: { approximate: "tanh" } }),
];

const trigonometry: readonly RuleCase[] = [
  ...["Sin", "Cos", "Sinh", "Cosh", "Asinh", "Atan"].map((op) => one(op, "a matrix", [v([3, 4])])),
  ...["Asin", "Acos", "Atanh", "Tan"].map((op) => one(op, "inside of its domain", [between(-0.9, 0.9, [3, 4])])),
  one("Acosh", "above 1", [between(1.2, 4, [3, 4])]),
];

const chosen: readonly RuleCase[] = [
  ...(["Max", "Min"] as const).flatMap((op) => [
    one(op, "equal shapes", [v([3, 4]), v([3, 4])]),
    one(op, "broadcast", [v([3, 1, 4]), v([2, 1])]),
    one(op, "three operands, one of them a scalar", [v([3, 4]), v([]), v([4])]),
    one(op, "a constant under the tangent", [v([3, 4]), floats([0.2])]),
    one(op, "a parameter per feature", [v([3, 4]), v([4])], { samples: true }),
  ]),
  one("Clip", "both bounds", [v([5, 6]), floats([-0.5], []), floats([0.7], [])]),
  one("Clip", "upper bound only", [v([5, 6]), undefined, floats([0.7], [])]),
  one("Clip", "bounds as variables", [v([5, 6]), between(-0.6, -0.5, []), between(0.5, 0.6, [])]),
  one("Clip", "bounds as attributes (opset 6)", [v([5, 6])], { attributes: { min: { float: -0.5 }, max: { float: 0.5 } }, opset: 6 }),
  one("Where", "broadcast on all sides", [fixed({ dtype: "bool", shape: [2, 1, 4], data: Uint8Array.of(1, 0, 1, 0, 0, 1, 1, 1) }), v([3, 1]), v([2, 3, 4])]),
  one("Where", "one scalar", [fixed({ dtype: "bool", shape: [4], data: Uint8Array.of(1, 0, 1, 0) }), v([3, 4]), v([])]),
  one("PRelu", "a slope per channel", [v([3, 2, 4]), v([2, 1])], { samples: true }),
  one("PRelu", "one slope", [v([3, 4]), v([1])], { samples: true }),
  one("Mod", "fmod, both signs", [between(-9, 9, [4, 5]), floats([2.3, -1.7, 3.1, 2.2, -2.6])], { attributes: { fmod: 1 } }),
  one("Mod", "fmod, the divisor moves", [between(-9, 9, [4, 5]), between(1.5, 2.5, [5])], { attributes: { fmod: 1 } }),
];

/** Stepwise in the middle of a graph: the derivative must pass beside them and not through. */
const steps: readonly RuleCase[] = ["Sign", "Ceil", "Floor", "Round", "Hardmax"].map((op) => ({
  title: `${op}: the derivative passes beside it`,
  nodes: [node(op, ["x"], ["s"]), node("Mul", ["x", "s"], ["y"])],
  operands: { x: v([3, 4]) },
  outputs: ["y"],
  opset: 21,
  samples: false,
}));

/** Whole numbers in the middle of a graph, cast back. */
const whole: readonly RuleCase[] = (["ArgMax", "ArgMin", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "IsNaN", "IsInf"] as const).map((op) => ({
  title: `${op}: carries no derivative`,
  nodes: [node(op, op.startsWith("Arg") || op.startsWith("Is") ? ["x"] : ["x", "b"], ["s"]), node("Cast", ["s"], ["c"], { to: 1 }), node("Mul", ["x", "c"], ["y"])],
  operands: { x: v([1, 4]), b: fixed(float32([4], [0.1, 0.2, -0.3, 0])) },
  outputs: ["y"],
  opset: 21,
  samples: false,
}));

const logic: readonly RuleCase[] = [
  {
    title: "And, Or, Xor, Not, NonZero: carry no derivative",
    nodes: [
      node("Greater", ["x", "b"], ["p"]), node("Less", ["x", "c"], ["q"]), node("And", ["p", "q"], ["r"]), node("Or", ["p", "q"], ["s"]), node("Xor", ["r", "s"], ["t"]), node("Not", ["t"], ["n"]),
      node("Cast", ["n"], ["f"], { to: 1 }), node("NonZero", ["n"], ["z"]), node("Cast", ["z"], ["zf"], { to: 1 }), node("ReduceSum", ["zf"], ["zs"], { keepdims: 0 }), node("Mul", ["x", "f"], ["m"]), node("Mul", ["m", "zs"], ["y"]),
    ],
    operands: { x: v([3, 4]), b: floats([0.1]), c: floats([0.5]) },
    outputs: ["y"],
    opset: 21,
    samples: false,
  },
  {
    title: "ConstantOfShape, EyeLike, QuantizeLinear: carry no derivative",
    nodes: [
      node("Shape", ["x"], ["s"]), node("ConstantOfShape", ["s"], ["c"]), node("EyeLike", ["x"], ["e"]), node("QuantizeLinear", ["x", "scale"], ["q"]), node("Cast", ["q"], ["f"], { to: 1 }),
      node("Add", ["c", "e"], ["h"]), node("Add", ["h", "f"], ["k"]), node("Mul", ["x", "k"], ["y"]),
    ],
    operands: { x: v([3, 4]), scale: floats([3], []) },
    outputs: ["y"],
    opset: 21,
    samples: false,
  },
  {
    title: "NonMaxSuppression: carries no derivative",
    nodes: [node("NonMaxSuppression", ["b", "x", "k"], ["i"]), node("Cast", ["i"], ["f"], { to: 1 }), node("ReduceSum", ["f"], ["t"], { keepdims: 0 }), node("Mul", ["x", "t"], ["y"])],
    operands: { x: v([1, 1, 2]), b: fixed(float32([1, 2, 4], [0, 0, 1, 1, 2, 2, 3, 3])), k: fixed({ dtype: "int64", shape: [1], data: BigInt64Array.of(2n) }) },
    outputs: ["y"],
    opset: 21,
    samples: false,
  },
];

export const piecewise: readonly RuleCase[] = [...curves, ...trigonometry, ...chosen, ...steps, ...whole, ...logic];
