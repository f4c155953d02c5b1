import type { Family } from "../family.ts";
import { batchNorm, block, conv, dense, flatten, gemm, layerNorm, mean, permute, reshape } from "../layers.ts";
import type { Maker } from "../maker.ts";

const SAME = { pads: [1, 1, 1, 1] } as const;

/** Channels weighed by what their means say. */
const squeezeExcite = (m: Maker, x: string, name: string, width: number): string => {
  const inner = m.call("Relu", [conv(m, m.call("GlobalAveragePool", [x]), `${name}.reduce`, [2, width, 1, 1])]);
  return m.call("Mul", [x, m.call("HardSigmoid", [conv(m, inner, `${name}.expand`, [width, 2, 1, 1])], { alpha: { float: 1 / 6 } })]);
};

const pooledHead = (m: Maker, x: string, width: number): string => gemm(m, flatten(m, m.call("GlobalAveragePool", [x])), "head", width, 3);

const swish = (m: Maker, x: string): string => m.call("Mul", [x, m.call("Sigmoid", [x])]);

const residual = (m: Maker): string => {
  const stem = m.call("Relu", [batchNorm(m, m.call("Conv", [m.x, m.weight("stem", [4, 2, 3, 3])], { ...SAME, kernel_shape: [3, 3] }), "norm1", 4)]);
  const inner = m.call("Relu", [batchNorm(m, conv(m, stem, "conv1", [4, 4, 3, 3], SAME), "norm2", 4)]);
  const sum = m.call("Relu", [m.call("Add", [batchNorm(m, conv(m, inner, "conv2", [4, 4, 3, 3], SAME), "norm3", 4), stem])]);
  return pooledHead(m, m.call("MaxPool", [sum], { kernel_shape: [2, 2], strides: [2, 2] }), 4);
};

/** An inverted residual: 1×1, depthwise, squeeze and excite, 1×1. */
const mobile = (m: Maker): string => {
  const stem = m.call("HardSwish", [batchNorm(m, conv(m, m.x, "stem", [3, 2, 3, 3], { ...SAME, strides: [2, 2] }), "norm1", 3)]);
  const wide = m.call("HardSwish", [conv(m, stem, "expand", [6, 3, 1, 1])]);
  const deep = squeezeExcite(m, m.call("HardSwish", [batchNorm(m, conv(m, wide, "depthwise", [6, 1, 3, 3], { ...SAME, group: 6 }), "norm2", 6)]), "se", 6);
  return pooledHead(m, m.call("Add", [stem, conv(m, deep, "project", [3, 6, 1, 1])]), 3);
};

/** A depthwise convolution, then tokens last: LayerNormalization, two dense layers, layer scale. */
const convNext = (m: Maker): string => {
  const stem = conv(m, m.x, "stem", [4, 2, 2, 2], { strides: [2, 2] });
  const last = layerNorm(m, permute(m, conv(m, stem, "depthwise", [4, 1, 3, 3], { ...SAME, group: 4 }), [0, 2, 3, 1]), "norm", 4);
  const inner = dense(m, m.call("Gelu", [dense(m, last, "up", 4, 8)]), "down", 8, 4);
  const scaled = m.call("Mul", [inner, m.weight("gamma", [4], { mean: 0.5, scale: 0.2 })]);
  return pooledHead(m, m.call("Add", [stem, permute(m, scaled, [0, 3, 1, 2])]), 4);
};

/** Patches by convolution, a class token, positions, one block. */
const vision = (m: Maker): string => {
  const patches = permute(m, reshape(m, conv(m, m.x, "patch", [4, 2, 2, 2], { strides: [2, 2] }), [0, 4, -1]), [0, 2, 1]);
  const size = m.call("Gather", [m.call("Shape", [m.x]), m.ints([0])], { axis: 0 });
  const token = m.call("Expand", [m.weight("cls", [1, 1, 4], { scale: 1 }), m.call("Concat", [size, m.ints([1, 4])], { axis: 0 })]);
  const x = m.call("Add", [m.call("Concat", [token, patches], { axis: 1 }), m.weight("positions", [1, 5, 4], { scale: 0.5 })]);
  return gemm(m, m.call("Gather", [layerNorm(m, block(m, x, "block", 5, 4), "norm", 4), m.ints([0], [])], { axis: 1 }), "head", 4, 3);
};

/** Down, up by a transposed convolution and by interpolation, with skips. */
const unet = (m: Maker): string => {
  const top = m.call("Tanh", [conv(m, m.x, "down1", [3, 1, 3, 3], SAME)]);
  const low = m.call("Tanh", [conv(m, m.call("AveragePool", [top], { kernel_shape: [2, 2], strides: [2, 2] }), "down2", [4, 3, 3, 3], SAME)]);
  const up = m.call("ConvTranspose", [low, m.weight("up.weight", [4, 3, 2, 2]), m.weight("up.bias", [3])], { kernel_shape: [2, 2], strides: [2, 2] });
  const resized = m.call("Resize", [low, "", m.floats([1, 1, 2, 2])], { mode: "linear", coordinate_transformation_mode: "half_pixel" });
  const joined = m.call("Tanh", [conv(m, m.call("Concat", [up, top, resized], { axis: 1 }), "merge", [2, 10, 3, 3], SAME)]);
  return m.call("AveragePool", [conv(m, joined, "out", [1, 2, 1, 1])], { kernel_shape: [2, 2], strides: [2, 2] });
};

const denseNet = (m: Maker): string => {
  const first = m.call("Concat", [m.x, conv(m, m.call("Relu", [batchNorm(m, m.x, "norm1", 2)]), "conv1", [2, 2, 3, 3], SAME)], { axis: 1 });
  const second = m.call("Concat", [first, conv(m, m.call("Relu", [batchNorm(m, first, "norm2", 4)]), "conv2", [2, 4, 3, 3], SAME)], { axis: 1 });
  return pooledHead(m, second, 6);
};

/** Channels of groups exchanged between two grouped convolutions. */
const shuffle = (m: Maker): string => {
  const first = m.call("Relu", [conv(m, m.x, "group1", [4, 2, 1, 1], { group: 2 })]);
  const shuffled = reshape(m, permute(m, reshape(m, first, [-1, 2, 2, 4, 4]), [0, 2, 1, 3, 4]), [-1, 4, 4, 4]);
  return pooledHead(m, m.call("Relu", [conv(m, shuffled, "group2", [4, 2, 3, 3], { group: 2 })]), 4);
};

/** Sines and cosines of the input at learned frequencies. */
const sines = (m: Maker): string => {
  const phase = dense(m, m.x, "frequencies", 2, 4);
  return dense(m, m.call("Sin", [dense(m, m.call("Concat", [m.call("Sin", [phase]), m.call("Cos", [phase])], { axis: -1 }), "fc", 8, 5)]), "head", 5, 2);
};

/** Gated convolutions along time, as WaveNet's. */
const wave = (m: Maker): string => {
  const gated = m.call("Mul", [m.call("Tanh", [conv(m, m.x, "filter", [3, 2, 2], { dilations: [2], pads: [2, 0] })]), m.call("Sigmoid", [conv(m, m.x, "gate", [3, 2, 2], { dilations: [2], pads: [2, 0] })])]);
  return mean(m, m.call("Add", [conv(m, gated, "skip", [2, 3, 1]), m.x]), [2]);
};

export const networks: readonly Family[] = [
  { title: "a residual network", shape: [2, 6, 6], build: residual },
  { title: "convolutions with squeeze and excite", shape: [2, 5, 5], build: (m) => pooledHead(m, squeezeExcite(m, swish(m, conv(m, m.x, "conv", [4, 2, 3, 3])), "se", 4), 4) },
  { title: "like MobileNet", shape: [2, 8, 8], build: mobile },
  { title: "like ConvNeXt", shape: [2, 6, 6], build: convNext },
  { title: "like a vision transformer", shape: [2, 4, 4], build: vision },
  { title: "like U-Net, an image as output", shape: [1, 4, 4], build: unet },
  { title: "like DenseNet", shape: [2, 4, 4], build: denseNet },
  { title: "like ShuffleNet", shape: [4, 4, 4], build: shuffle },
  { title: "like WaveNet", shape: [2, 7], build: wave },
  { title: "sines of learned frequencies", shape: [2], build: sines },
  {
    title: "a network exported for one sample at a time", shape: [2, 4], batch: 1, alone: ["fc.weight", "fc.bias", "head.weight", "head.bias"],
    build: (m) => gemm(m, reshape(m, m.call("Tanh", [dense(m, reshape(m, m.x, [1, 2, 4]), "fc", 4, 3)]), [1, 6]), "head", 6, 2),
  },
];
