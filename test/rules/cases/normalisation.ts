import { type RuleCase, between, fixed, one, v } from "../case.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { int32 } from "../tensors.ts";

const statistic = (values: readonly number[]) => fixed(float32([values.length], values));

export const normalisation: readonly RuleCase[] = [
  one("BatchNormalization", "over images", [v([3, 2, 4, 4]), v([2]), v([2]), statistic([0.3, -0.2]), statistic([0.7, 1.8])], { samples: true }),
  one("BatchNormalization", "over vectors, its own ε", [v([4, 3]), v([3]), v([3]), statistic([0.1, 0.2, 0.3]), statistic([1, 2, 0.5])], { attributes: { epsilon: { float: 0.1 } }, samples: true }),
  one("BatchNormalization", "statistics as variables", [v([3, 2, 4]), v([2]), v([2]), v([2]), between(0.5, 2, [2])]),
  one("LayerNormalization", "last axis", [v([3, 5, 4]), v([4]), v([4])], { samples: true }),
  one("LayerNormalization", "two axes, no shift", [v([3, 5, 4]), v([5, 4])], { attributes: { axis: 1 }, samples: true }),
  one("LayerNormalization", "negative axis, all outputs", [v([3, 5, 4]), v([5, 4]), v([5, 4])], { attributes: { axis: -2 }, outputs: 3 }),
  one("InstanceNormalization", "over images", [v([3, 2, 4, 4]), v([2]), v([2])], { samples: true }),
  one("GroupNormalization", "per channel (opset 21)", [v([3, 6, 4]), v([6]), v([6])], { attributes: { num_groups: 3 }, samples: true }),
  one("GroupNormalization", "per group (opset 18)", [v([3, 6, 4]), v([3]), v([3])], { attributes: { num_groups: 3 }, opset: 18, samples: true }),
  one("RMSNormalization", "two axes", [v([3, 5, 4]), v([5, 4])], { attributes: { axis: 1 }, opset: 23, samples: true }),
  one("SimplifiedLayerNormalization", "last axis", [v([3, 5, 4]), v([4])], { samples: true }),
  one("SkipLayerNormalization", "with bias", [v([3, 5, 4]), v([3, 5, 4]), v([4]), v([4]), v([4])], { domain: "com.microsoft" }),
  one("SkipSimplifiedLayerNormalization", "no bias", [v([3, 5, 4]), v([3, 5, 4]), v([4])], { domain: "com.microsoft" }),
  one("EmbedLayerNormalization", "with segments and a mask", [
    fixed(int32([2, 3], [4, 0, 2, 2, 2, 1])), fixed(int32([2, 3], [0, 0, 1, 0, 1, 1])), v([5, 4]), v([3, 4]), v([2, 4]), v([4]), v([4]), fixed(int32([2, 3], [1, 1, 0, 1, 1, 1])),
  ], { domain: "com.microsoft", outputs: 2 }),
  one("LRN", "a window of three channels", [v([2, 5, 3, 3])], { attributes: { size: 3, alpha: { float: 0.5 }, beta: { float: 0.6 }, bias: { float: 2 } } }),
  one("MeanVarianceNormalization", "its own axes", [v([2, 3, 4, 4])]),
  one("MeanVarianceNormalization", "axes named", [v([2, 3, 4])], { attributes: { axes: [1, 2] } }),
  one("LpNormalization", "p = 2", [v([3, 4])]),
  one("LpNormalization", "p = 1, first axis", [v([3, 4])], { attributes: { axis: 0, p: 1 } }),
];
