import type { PlainAttributes } from "../../../src/onnx/program-writer.ts";
import { type RuleCase, ints, one, v } from "../case.ts";

const WINDOWS: readonly (readonly [string, readonly number[], PlainAttributes])[] = [
  ["2×2", [2, 3, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }],
  ["overlapping windows", [2, 3, 7, 6], { kernel_shape: [3, 3] }],
  ["overlapping, strided, padded", [2, 3, 7, 6], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ["padded on one side", [2, 3, 7, 6], { kernel_shape: [3, 2], strides: [2, 1], pads: [0, 1, 1, 0] }],
  ["rounding up", [2, 3, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  ["rounding up, padded", [1, 2, 8, 7], { kernel_shape: [3, 3], strides: [3, 2], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  ["rounding up, the last window dropped", [2, 2, 5, 5], { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  ["rounding up, reaching past uneven padding", [1, 2, 4, 7], { kernel_shape: [4, 3], strides: [3, 2], pads: [1, 0, 2, 1], ceil_mode: 1 }],
  ["rounding up, dilated", [1, 2, 9, 8], { kernel_shape: [2, 2], strides: [3, 2], dilations: [2, 3], pads: [1, 1, 1, 0], ceil_mode: 1 }],
  ["rounding up, dilated so that the last window reaches a kernel past the padding", [1, 2, 10, 8], { kernel_shape: [2, 2], strides: [5, 2], dilations: [4, 3], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  ["rounding up, VALID", [1, 2, 8, 7], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: "VALID", ceil_mode: 1 }],
  ["dilated", [1, 2, 8, 7], { kernel_shape: [2, 3], dilations: [3, 2] }],
  ["SAME_UPPER", [1, 2, 7, 7], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }],
  ["SAME_LOWER", [1, 2, 7, 7], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_LOWER" }],
  ["VALID", [1, 2, 7, 7], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "VALID" }],
  ["one axis", [2, 2, 9], { kernel_shape: [3], strides: [2] }],
  ["three axes", [1, 2, 4, 5, 4], { kernel_shape: [2, 2, 2], strides: [2, 1, 2] }],
];

export const pooling: readonly RuleCase[] = [
  ...WINDOWS.map(([title, x, attributes]) => one("MaxPool", title, [v(x)], { attributes })),
  one("MaxPool", "opset 7", [v([1, 2, 6, 6])], { attributes: { kernel_shape: [2, 2] }, opset: 7 }),
  ...WINDOWS.map(([title, x, attributes]) => one("AveragePool", title, [v(x)], { attributes })),
  ...WINDOWS.filter(([, , { pads }]) => pads !== undefined).map(([title, x, attributes]) => one("AveragePool", `${title}, padding counted`, [v(x)], { attributes: { ...attributes, count_include_pad: 1 } })),
  ...WINDOWS.filter(([title]) => !title.includes("rounding")).map(([title, x, attributes]) => one("LpPool", title, [v(x)], { attributes })),
  one("LpPool", "p = 3, rounding up", [v([1, 2, 6, 6])], { attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, p: 3 } }),
  one("MaxPool", "places in column-major order", [v([1, 2, 5, 4])], { attributes: { kernel_shape: [2, 2], storage_order: 1 }, outputs: 2 }),
  one("MaxUnpool", "2×2", [v([1, 1, 2, 2]), ints([5, 7, 13, 15], [1, 1, 2, 2])], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
];
