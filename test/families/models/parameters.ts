import type { Family } from "../family.ts";
import { conv, dense, flatten, gemm, mean, permute, reshape } from "../layers.ts";

/** Parameters that do not meet the data as they are: shared, scaled, made from others, broadcast. */
export const uses: readonly Family[] = [
  {
    title: "a weight tied with its own transpose", shape: [5], build: (m) => {
      const w = m.weight("w", [5, 4]);
      return m.call("MatMul", [m.call("Tanh", [m.call("MatMul", [m.x, w])]), permute(m, w, [1, 0])]);
    },
  },
  {
    title: "one layer run three times", shape: [4], build: (m) => {
      const [w, b] = [m.weight("w", [4, 4]), m.weight("b", [4])];
      return [0, 1, 2].reduce((h) => m.call("Tanh", [m.call("Gemm", [h, w, b])]), m.x);
    },
  },
  {
    title: "one convolution at two scales", shape: [2, 6, 6], build: (m) => {
      const [w, b] = [m.weight("w", [3, 2, 3, 3]), m.weight("b", [3])];
      const over = (x: string) => mean(m, m.call("Tanh", [m.call("Conv", [x, w, b], { kernel_shape: [3, 3] })]), [2, 3]);
      return m.call("Add", [over(m.x), over(m.call("AveragePool", [m.x], { kernel_shape: [2, 2], strides: [2, 2] }))]);
    },
  },
  { title: "a weight scaled by a learned number", shape: [4], build: (m) => m.call("Tanh", [m.call("MatMul", [m.x, m.call("Mul", [m.weight("w", [4, 3]), m.weight("s", [], { mean: 1, scale: 0.2 })])])]) },
  {
    title: "weight normalisation, g·v/‖v‖", shape: [4], build: (m) => {
      const v = m.weight("v", [4, 3]);
      const unit = m.call("Div", [v, m.call("ReduceL2", [v, m.ints([0])], { keepdims: 1 })]);
      return m.call("MatMul", [m.x, m.call("Mul", [unit, m.weight("g", [3], { mean: 1, scale: 0.2 })])]);
    },
  },
  {
    title: "weight standardisation of a convolution", shape: [2, 5, 5], build: (m) => {
      const w = m.weight("w", [3, 2, 3, 3]);
      const centred = m.call("Sub", [w, mean(m, w, [1, 2, 3], 1)]);
      const deviation = m.call("Sqrt", [m.call("Add", [mean(m, m.call("Mul", [centred, centred]), [1, 2, 3], 1), m.scalar(1e-5)])]);
      const kernel = m.call("Mul", [m.call("Div", [centred, deviation]), m.weight("gain", [3, 1, 1, 1], { mean: 1, scale: 0.2 })]);
      return mean(m, m.call("Tanh", [m.call("Conv", [m.x, kernel, m.weight("b", [3])], { kernel_shape: [3, 3] })]), [2, 3]);
    },
  },
  { title: "a low-rank update, W + B·A", shape: [4], build: (m) => m.call("Tanh", [m.call("MatMul", [m.x, m.call("Add", [m.weight("w", [4, 5]), m.call("Mul", [m.call("MatMul", [m.weight("b", [4, 2]), m.weight("a", [2, 5])]), m.scalar(0.5)])])])]) },
  {
    title: "parts of one packed weight", shape: [4], build: (m) => {
      const [a, b] = m.calls("Split", [m.weight("w", [4, 6]), m.ints([3, 3])], { axis: 1 }, { outputs: 2 });
      return m.call("Mul", [m.call("Sigmoid", [m.call("MatMul", [m.x, a ?? ""])]), m.call("MatMul", [m.x, b ?? ""])]);
    },
  },
  { title: "a weight that must stay positive", shape: [4], build: (m) => m.call("MatMul", [m.call("Tanh", [m.call("MatMul", [m.x, m.call("Softplus", [m.weight("w", [4, 5])])])]), m.call("Exp", [m.weight("v", [5, 2])])]) },
  { title: "attention weights that do not depend on the data", shape: [4, 3], alone: ["w"], build: (m) => flatten(m, m.call("Tanh", [m.call("MatMul", [m.call("Softmax", [m.weight("w", [2, 4], { scale: 1 })], { axis: -1 }), m.x])])) },
  { title: "PRelu with one slope, and with one for each channel", shape: [2, 5, 5], build: (m) => mean(m, m.call("PRelu", [conv(m, m.call("PRelu", [conv(m, m.x, "conv1", [3, 2, 3, 3]), m.weight("slope1", [1], { mean: 0.25, scale: 0.1 })]), "conv2", [4, 3, 2, 2]), m.weight("slope2", [4, 1, 1], { mean: 0.25, scale: 0.1 })]), [2, 3]) },
  { title: "layer scale and a learned temperature", shape: [4], build: (m) => m.call("Mul", [gemm(m, m.call("Add", [m.x, m.call("Mul", [m.call("Tanh", [gemm(m, m.x, "fc", 4, 4)]), m.weight("gamma", [4])])]), "head", 4, 3), m.call("Exp", [m.weight("temperature", [], { scale: 0.3 })])]) },
  { title: "prototypes: distances to learned points", shape: [4], build: (m) => m.call("Neg", [m.call("ReduceSum", [m.call("Pow", [m.call("Sub", [reshape(m, m.x, [-1, 1, 4]), m.weight("points", [3, 4])]), m.scalar(2)]), m.ints([2])], { keepdims: 0 })]) },
  {
    title: "a class token in front of the others", shape: [3, 4], build: (m) => {
      const size = m.call("Gather", [m.call("Shape", [m.x]), m.ints([0])], { axis: 0 });
      const token = m.call("Expand", [m.weight("cls", [1, 1, 4], { scale: 1 }), m.call("Concat", [size, m.ints([1, 4])], { axis: 0 })]);
      return flatten(m, m.call("Tanh", [dense(m, m.call("Concat", [token, m.x], { axis: 1 }), "fc", 4, 2)]));
    },
  },
  { title: "a padding value that is learned, by Where", shape: [4, 3], build: (m) => dense(m, mean(m, m.call("Where", [m.call("Greater", [m.x, m.scalar(0)]), m.x, m.weight("mask", [3], { scale: 1 })]), [1]), "fc", 3, 2) },
];
