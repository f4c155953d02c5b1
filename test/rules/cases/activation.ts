import { type RuleCase, one, v } from "../case.ts";

export const activation: readonly RuleCase[] = [
  ...["Relu", "Tanh", "Sigmoid", "Softplus", "Erf"].map((op) => one(op, "a matrix", [v([3, 4])])),
  ...[-1, 0, 1, 2].map((axis) => one("Softmax", `axis ${axis}`, [v([2, 3, 4])], { attributes: { axis } })),
];
