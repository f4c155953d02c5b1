import { type RuleCase, between, fixed, one, v } from "../case.ts";
import { float32 } from "../../../src/core/tensor.ts";

const statistic = (values: readonly number[]) => fixed(float32([values.length], values));

export const normalisation: readonly RuleCase[] = [
  one("BatchNormalization", "over images", [v([3, 2, 4, 4]), v([2]), v([2]), statistic([0.3, -0.2]), statistic([0.7, 1.8])], { samples: true }),
  one("BatchNormalization", "over vectors, its own ε", [v([4, 3]), v([3]), v([3]), statistic([0.1, 0.2, 0.3]), statistic([1, 2, 0.5])], { attributes: { epsilon: { float: 0.1 } }, samples: true }),
  one("BatchNormalization", "statistics as variables", [v([3, 2, 4]), v([2]), v([2]), v([2]), between(0.5, 2, [2])]),
  one("LayerNormalization", "last axis", [v([3, 5, 4]), v([4]), v([4])], { samples: true }),
  one("LayerNormalization", "two axes, no shift", [v([3, 5, 4]), v([5, 4])], { attributes: { axis: 1 }, samples: true }),
  one("LayerNormalization", "negative axis, all outputs", [v([3, 5, 4]), v([5, 4]), v([5, 4])], { attributes: { axis: -2 }, outputs: 3 }),
];
