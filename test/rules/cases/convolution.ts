import type { PlainAttributes } from "../../../src/onnx/program-writer.ts";
import { type RuleCase, one, v } from "../case.ts";

const CONVOLUTIONS: readonly (readonly [string, readonly number[], readonly number[], PlainAttributes])[] = [
  ["3×3", [3, 2, 6, 5], [4, 2, 3, 3], {}],
  ["1×1", [3, 4, 5, 5], [2, 4, 1, 1], {}],
  ["padded", [3, 2, 6, 5], [4, 2, 3, 3], { pads: [1, 1, 1, 1] }],
  ["padded on one side, strided", [3, 2, 7, 6], [4, 2, 3, 2], { pads: [0, 1, 2, 0], strides: [2, 3] }],
  ["stride that leaves rows over", [2, 2, 8, 8], [3, 2, 3, 3], { strides: [2, 2] }],
  ["dilated", [2, 2, 9, 8], [3, 2, 3, 3], { dilations: [2, 3], pads: [2, 2, 2, 2] }],
  ["dilated and strided", [2, 2, 10, 9], [3, 2, 2, 3], { dilations: [3, 2], strides: [2, 2] }],
  ["two groups", [3, 4, 5, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }],
  ["depthwise", [3, 4, 5, 5], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }],
  ["depthwise with multiplier, strided", [3, 3, 6, 6], [6, 1, 3, 3], { group: 3, strides: [2, 2] }],
  ["one axis", [3, 2, 9], [4, 2, 3], { strides: [2], pads: [1, 0] }],
  ["three axes", [2, 2, 4, 5, 4], [3, 2, 2, 3, 2], { strides: [1, 2, 1], pads: [1, 0, 0, 0, 1, 1] }],
  ["auto_pad SAME_UPPER", [2, 2, 7, 6], [3, 2, 4, 3], { auto_pad: "SAME_UPPER", strides: [2, 2] }],
  ["auto_pad SAME_LOWER", [2, 2, 7, 6], [3, 2, 4, 3], { auto_pad: "SAME_LOWER", strides: [3, 2] }],
  ["auto_pad VALID", [2, 2, 7, 6], [3, 2, 3, 3], { auto_pad: "VALID", strides: [2, 2] }],
  ["stride larger than the kernel", [2, 2, 9, 9], [3, 2, 2, 2], { strides: [4, 3] }],
];

const TRANSPOSED: readonly (readonly [string, readonly number[], readonly number[], PlainAttributes])[] = [
  ["3×3", [3, 2, 4, 5], [2, 4, 3, 3], {}],
  ["strided", [3, 2, 4, 3], [2, 3, 3, 2], { strides: [2, 3] }],
  ["strided, padded, output padding", [2, 2, 4, 3], [2, 3, 3, 3], { strides: [2, 2], pads: [1, 0, 1, 1], output_padding: [1, 0] }],
  ["dilated", [2, 2, 4, 5], [2, 3, 2, 3], { dilations: [3, 2] }],
  ["two groups", [2, 4, 3, 4], [4, 3, 3, 3], { group: 2, strides: [2, 1] }],
  ["depthwise", [2, 3, 4, 4], [3, 1, 2, 2], { group: 3, strides: [2, 2] }],
  ["one axis", [3, 2, 5], [2, 3, 4], { strides: [3] }],
  ["three axes", [2, 2, 3, 2, 3], [2, 2, 2, 3, 2], { strides: [1, 2, 1], pads: [1, 0, 0, 0, 1, 1] }],
  ["SAME_UPPER", [1, 2, 4, 4], [2, 3, 3, 4], { auto_pad: "SAME_UPPER", strides: [2, 2] }],
  ["SAME_LOWER", [1, 2, 4, 4], [2, 3, 3, 4], { auto_pad: "SAME_LOWER", strides: [2, 3] }],
  ["a given size", [1, 2, 3, 3], [2, 3, 3, 3], { output_shape: [7, 8], strides: [2, 3] }],
  ["a given size that pads more on one side", [1, 2, 4, 4], [2, 3, 3, 4], { output_shape: [7, 6], strides: [2, 2] }],
];

const biased: RuleCase = one("Conv", "with a bias", [v([3, 2, 6, 5]), v([4, 2, 3, 3]), v([4])], { samples: true });

export const convolution: readonly RuleCase[] = [...CONVOLUTIONS.map(([title, x, w, attributes]) => one("Conv", title, [v(x), v(w)], { attributes, samples: true })), biased,
  ...TRANSPOSED.map(([title, x, w, attributes]) => one("ConvTranspose", title, [v(x), v(w)], { attributes, samples: true })),
  one("ConvTranspose", "with a bias", [v([3, 2, 4, 5]), v([2, 4, 3, 3]), v([4])], { samples: true }),
];
