import type { Family } from "../family.ts";
import type { Maker } from "../maker.ts";
import { affine, batchNorm, conv, dense, gemm, layerNorm, mean, reshape } from "../layers.ts";

/** Normalises what one convolution makes, and takes the mean of a nonlinearity. */
const image = (normalise: (m: Maker, x: string) => string): Family["build"] => (m) => mean(m, m.call("Sigmoid", [normalise(m, conv(m, m.x, "conv", [4, 2, 2, 2]))]), [2, 3]);

/** (x − E x)/√(Var x + ε) over the last axis, as PyTorch exported it before opset 17. */
const written = (m: Maker, x: string, width: number): string => {
  const centred = m.call("Sub", [x, mean(m, x, [-1], 1)]);
  const deviation = m.call("Sqrt", [m.call("Add", [mean(m, m.call("Pow", [centred, m.scalar(2)]), [-1], 1), m.scalar(1e-5)])]);
  const [scale, shift] = affine(m, "norm", [width]);
  return m.call("Add", [m.call("Mul", [m.call("Div", [centred, deviation]), scale]), shift]);
};

/** Groups through InstanceNormalization with constant scale and shift, then scale and shift per channel: PyTorch's form. */
const torchGroups = (m: Maker, x: string): string => {
  const groups = m.call("InstanceNormalization", [reshape(m, x, [0, 2, -1]), m.floats([1, 1]), m.floats([0, 0])]);
  const [scale, shift] = affine(m, "norm", [4, 1, 1]);
  return m.call("Add", [m.call("Mul", [m.call("Reshape", [groups, m.call("Shape", [x])]), scale]), shift]);
};

export const normalisations: readonly Family[] = [
  { title: "LayerNormalization over tokens", shape: [4, 5], build: (m) => dense(m, mean(m, layerNorm(m, dense(m, m.x, "fc", 5, 6), "norm", 6), [1]), "head", 6, 2) },
  { title: "LayerNormalization over two axes", shape: [3, 4], build: (m) => mean(m, m.call("Tanh", [m.call("LayerNormalization", [dense(m, m.x, "fc", 4, 4), ...affine(m, "norm", [3, 4])], { axis: 1 })]), [1]) },
  { title: "LayerNormalization written out", shape: [4, 5], build: (m) => mean(m, m.call("Tanh", [written(m, dense(m, m.x, "fc", 5, 6), 6)]), [1]) },
  { title: "RMSNormalization", shape: [4, 5], opset: 23, build: (m) => mean(m, m.call("Tanh", [m.call("RMSNormalization", [dense(m, m.x, "fc", 5, 6), m.weight("scale", [6], { mean: 1, scale: 0.2 })], { axis: -1 })]), [1]) },
  {
    title: "RMS normalisation written out", shape: [4, 5], build: (m) => {
      const x = dense(m, m.x, "fc", 5, 6);
      const size = m.call("Sqrt", [m.call("Add", [mean(m, m.call("Mul", [x, x]), [-1], 1), m.scalar(1e-6)])]);
      return mean(m, m.call("Tanh", [m.call("Mul", [m.weight("scale", [6], { mean: 1, scale: 0.2 }), m.call("Mul", [x, m.call("Reciprocal", [size])])])]), [1]);
    },
  },
  { title: "BatchNormalization of images in inference", shape: [2, 5, 5], build: image((m, x) => batchNorm(m, x, "norm", 4)) },
  { title: "BatchNormalization of vectors in inference", shape: [5], build: (m) => gemm(m, m.call("Tanh", [batchNorm(m, gemm(m, m.x, "fc", 5, 4), "norm", 4)]), "head", 4, 2) },
  { title: "InstanceNormalization", shape: [2, 5, 5], build: image((m, x) => m.call("InstanceNormalization", [x, ...affine(m, "norm", [4])])) },
  { title: "GroupNormalization", shape: [2, 5, 5], build: image((m, x) => m.call("GroupNormalization", [x, ...affine(m, "norm", [4])], { num_groups: 2 })) },
  { title: "GroupNormalization with scale and shift per group (opset 18)", shape: [2, 5, 5], opset: 18, build: image((m, x) => m.call("GroupNormalization", [x, ...affine(m, "norm", [2])], { num_groups: 2 })) },
  { title: "group normalisation as PyTorch exports it", shape: [2, 5, 5], build: image(torchGroups) },
  {
    title: "scale and shift made from the data, beside learned ones", shape: [4], build: (m) => {
      const condition = gemm(m, m.x, "condition", 4, 6);
      const [scale, shift] = m.calls("Split", [condition, m.ints([3, 3])], { axis: 1 }, { outputs: 2 });
      return m.call("Add", [m.call("Mul", [layerNorm(m, gemm(m, m.x, "fc", 4, 3), "norm", 3), m.call("Add", [scale ?? "", m.scalar(1)])]), shift ?? ""]);
    },
  },
];
