import { type RuleCase, one, v } from "../case.ts";

export const activation: readonly RuleCase[] = [
  ...["Relu", "Tanh", "Sigmoid", "Softplus", "Erf"].map((op) => one(op, "a matrix", [v([3, 4])])),
  ...["Softmax", "LogSoftmax"].flatMap((op) => [
    ...[-1, 0, 1, 2].map((axis) => one(op, `axis ${axis}`, [v([2, 3, 4])], { attributes: { axis } })),
    ...[0, 1, 2].map((axis) => one(op, `axis ${axis}, all that follows flattened (opset 11)`, [v([2, 3, 4])], { attributes: { axis }, opset: 11 })),
  ]),
];
