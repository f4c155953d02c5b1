import { type RuleCase, node, one, v } from "../case.ts";

const SHAPES: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ["two matrices", [3, 4], [4, 5]],
  ["a weight under tokens", [3, 6, 4], [4, 5]],
  ["a weight under two leading axes", [2, 3, 6, 4], [4, 5]],
  ["batches on both sides", [3, 2, 5, 4], [3, 2, 4, 6]],
  ["broadcast leading axes", [3, 1, 5, 4], [2, 4, 6]],
  ["a vector on the right", [3, 5, 4], [4]],
  ["a vector on the left", [4], [3, 4, 5]],
  ["two vectors", [4], [4]],
];

const gemms: readonly RuleCase[] = [
  one("Gemm", "plain", [v([3, 4]), v([4, 5]), v([5])], { samples: true }),
  one("Gemm", "transposed, scaled", [v([3, 4]), v([5, 4]), v([3, 5])], { attributes: { transB: 1, alpha: { float: 0.5 }, beta: { float: -2 } } }),
  one("Gemm", "transposed weight with bias", [v([3, 4]), v([5, 4]), v([5])], { attributes: { transB: 1 }, samples: true }),
  one("Gemm", "both transposed, no bias", [v([4, 3]), v([5, 4])], { attributes: { transA: 1, transB: 1 } }),
  one("Gemm", "a scalar bias, opset 7", [v([3, 4]), v([4, 5]), v([1])], { opset: 7, samples: true }),
];

const chain = (title: string, nodes: RuleCase["nodes"], operands: RuleCase["operands"]): RuleCase => ({ title, nodes, operands, outputs: ["y"], opset: 21, samples: true });

const chains: readonly RuleCase[] = [
  chain("MatMul: a weight on the left", [node("MatMul", ["w", "x"], ["y"])], { x: v([3, 4, 5]), w: v([6, 4]) }),
  chain("MatMul: a transposed weight, used twice", [node("Transpose", ["w"], ["t"], { perm: [1, 0] }), node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "t"], ["y"])], { x: v([3, 4]), w: v([4, 5]) }),
  chain("MatMul: samples merged with tokens", [node("Reshape", ["x", "s"], ["m"]), node("MatMul", ["m", "w"], ["h"]), node("Reshape", ["h", "b"], ["y"])], {
    x: v([3, 6, 4]), w: v([4, 5]),
    s: { role: "constant", tensor: { dtype: "int64", shape: [2], data: BigInt64Array.of(-1n, 4n) } },
    b: { role: "constant", tensor: { dtype: "int64", shape: [3], data: BigInt64Array.of(-1n, 6n, 5n) } },
  }),
];

export const linear: readonly RuleCase[] = [...SHAPES.map(([title, a, b]) => one("MatMul", title, [v(a), v(b)], { samples: a.length >= 2 && b.length === 2 })), ...gemms, ...chains];
