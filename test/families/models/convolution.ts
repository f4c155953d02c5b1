import type { Family } from "../family.ts";
import type { PlainAttributes } from "../../../src/onnx/program-writer.ts";
import type { Maker } from "../maker.ts";
import { conv, dense, mean, reshape } from "../layers.ts";

/** Two convolutions and the mean over all positions. */
const twice = (m: Maker, first: readonly number[], second: readonly number[], attributes: PlainAttributes = {}): string => {
  const inner = m.call("Tanh", [conv(m, m.x, "conv1", first, attributes)]);
  return mean(m, m.call("Tanh", [conv(m, inner, "conv2", second)]), second.slice(2).map((_, i) => i + 2));
};

const transposed = (m: Maker, x: string, name: string, shape: readonly number[], attributes: PlainAttributes = {}): string =>
  m.call("ConvTranspose", [x, m.weight(`${name}.weight`, shape), m.weight(`${name}.bias`, [(shape[1] ?? 1) * Number(attributes.group ?? 1)], { scale: 0.3 })], { kernel_shape: shape.slice(2), ...attributes });

const spatialMean = (m: Maker, x: string, rank: number): string => mean(m, m.call("Tanh", [x]), Array.from({ length: rank }, (_, i) => i + 2));

export const convolutions: readonly Family[] = [
  { title: "convolutions along one axis", shape: [2, 9], build: (m) => twice(m, [3, 2, 3], [2, 3, 3]) },
  { title: "convolutions over images", shape: [2, 6, 6], build: (m) => twice(m, [3, 2, 3, 3], [2, 3, 2, 2], { pads: [1, 1, 1, 1] }) },
  { title: "a convolution of many channels at few places", shape: [48, 6, 6], build: (m) => dense(m, mean(m, m.call("Tanh", [conv(m, m.x, "conv", [48, 48, 3, 3], { pads: [1, 1, 1, 1] })]), [2, 3]), "head", 48, 3) },
  { title: "convolutions over volumes", shape: [1, 4, 4, 4], build: (m) => twice(m, [2, 1, 2, 2, 2], [2, 2, 2, 2, 2]) },
  { title: "a strided convolution with uneven pads", shape: [2, 7, 6], build: (m) => twice(m, [3, 2, 3, 2], [2, 3, 2, 2], { strides: [2, 1], pads: [1, 0, 0, 2] }) },
  { title: "a dilated convolution", shape: [2, 8, 8], build: (m) => twice(m, [3, 2, 3, 3], [2, 3, 2, 2], { dilations: [2, 3] }) },
  { title: "padding by name", shape: [2, 5, 5], build: (m) => twice(m, [3, 2, 3, 3], [2, 3, 2, 2], { auto_pad: "SAME_UPPER", strides: [2, 2] }) },
  { title: "a grouped convolution", shape: [4, 5, 5], build: (m) => twice(m, [6, 2, 3, 3], [2, 6, 2, 2], { group: 2 }) },
  { title: "a depthwise convolution with two filters a channel", shape: [3, 5, 5], build: (m) => twice(m, [6, 1, 3, 3], [2, 6, 1, 1], { group: 3, pads: [1, 1, 1, 1] }) },
  { title: "a depthwise convolution along one axis, causal", shape: [3, 6], build: (m) => twice(m, [3, 1, 3], [2, 3, 1], { group: 3, pads: [2, 0] }) },
  { title: "a convolution that covers the whole image", shape: [2, 4, 4], build: (m) => reshape(m, conv(m, m.x, "conv", [3, 2, 4, 4]), [-1, 3]) },
  { title: "a transposed convolution along one axis", shape: [3, 4], build: (m) => spatialMean(m, transposed(m, m.x, "up", [3, 2, 3], { strides: [2] }), 1) },
  { title: "a transposed convolution over images, strided, with output padding", shape: [2, 3, 4], build: (m) => spatialMean(m, conv(m, m.call("Tanh", [transposed(m, m.x, "up", [2, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] })]), "conv", [2, 3, 2, 2]), 2) },
  { title: "a grouped transposed convolution, dilated", shape: [4, 3, 3], build: (m) => spatialMean(m, transposed(m, m.x, "up", [4, 3, 2, 2], { group: 2, dilations: [2, 1] }), 2) },
  { title: "a transposed convolution over volumes", shape: [2, 2, 3, 2], build: (m) => spatialMean(m, transposed(m, m.x, "up", [2, 2, 2, 2, 2], { strides: [2, 1, 2] }), 3) },
  {
    title: "a convolution of every frame of a film", shape: [3, 2, 5, 5], build: (m) => {
      const frames = m.call("Tanh", [conv(m, reshape(m, m.x, [-1, 2, 5, 5]), "conv", [3, 2, 3, 3])]);
      return mean(m, reshape(m, mean(m, frames, [2, 3]), [-1, 3, 3]), [1]);
    },
  },
  { title: "a convolution of patches cut from the image", shape: [1, 6, 6], build: (m) => mean(m, reshape(m, m.call("Tanh", [conv(m, reshape(m, m.call("Transpose", [reshape(m, m.x, [-1, 2, 3, 2, 3])], { perm: [0, 1, 3, 2, 4] }), [-1, 1, 3, 3]), "conv", [3, 1, 2, 2], { group: 1 })]), [-1, 4, 3, 4]), [1, 3]) },
];
