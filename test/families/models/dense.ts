import type { Family } from "../family.ts";
import { dense, flatten, gemm, layerNorm, mean, permute, reshape } from "../layers.ts";

/** Matrices that multiply the data, one way or another. */
export const denses: readonly Family[] = [
  { title: "a perceptron with two hidden layers", shape: [6], build: (m) => gemm(m, m.call("Relu", [gemm(m, m.call("Tanh", [gemm(m, m.x, "fc1", 6, 8)]), "fc2", 8, 7)]), "fc3", 7, 3) },
  { title: "Gemm with α, β and the weight as it lies", shape: [5], build: (m) => m.call("Gemm", [m.x, m.weight("w", [5, 3]), m.weight("b", [1, 3])], { alpha: { float: 0.7 }, beta: { float: 1.4 } }) },
  { title: "Gemm with the weight on the left", shape: [5], build: (m) => permute(m, m.call("Tanh", [m.call("Gemm", [m.weight("w", [4, 5]), m.x, m.weight("b", [4, 1])], { transB: 1 })]), [1, 0]) },
  { title: "a bias that is one number", shape: [4], build: (m) => m.call("Tanh", [m.call("Gemm", [m.x, m.weight("w", [4, 3]), m.weight("b", [1])])]) },
  { title: "dense over tokens", shape: [5, 4], build: (m) => dense(m, mean(m, m.call("Tanh", [dense(m, m.x, "fc", 4, 6)]), [1]), "head", 6, 3) },
  { title: "wide dense layers over tokens", shape: [20, 64], build: (m) => dense(m, mean(m, m.call("Tanh", [dense(m, m.x, "fc", 64, 80)]), [1]), "head", 80, 3) },
  { title: "dense over a grid of tokens", shape: [2, 3, 4], build: (m) => dense(m, mean(m, m.call("Gelu", [dense(m, m.x, "fc", 4, 5)]), [1, 2]), "head", 5, 2) },
  { title: "a weight on the left of tokens", shape: [4, 3], build: (m) => flatten(m, m.call("Tanh", [m.call("MatMul", [m.weight("w", [2, 4]), m.x])])) },
  {
    title: "mixing over tokens and over channels", shape: [4, 3], build: (m) => {
      const mixed = m.call("Add", [m.x, permute(m, m.call("Gelu", [dense(m, permute(m, layerNorm(m, m.x, "norm", 3), [0, 2, 1]), "tokens", 4, 4)]), [0, 2, 1])]);
      return dense(m, mean(m, m.call("Gelu", [dense(m, mixed, "channels", 3, 5)]), [1]), "head", 5, 2);
    },
  },
  { title: "positions merged into the sample axis", shape: [4, 3], build: (m) => dense(m, reshape(m, m.call("Tanh", [gemm(m, reshape(m, m.x, [-1, 3]), "fc", 3, 5)]), [-1, 20]), "head", 20, 2) },
  { title: "Einsum over tokens", shape: [4, 3], build: (m) => mean(m, m.call("Tanh", [m.call("Einsum", [m.x, m.weight("w", [3, 5])], { equation: "bti,io->bto" })]), [1]) },
  { title: "Einsum with a weight of three axes, as heads have", shape: [4, 3], build: (m) => mean(m, flatten(m, m.call("Tanh", [m.call("Einsum", [m.x, m.weight("w", [3, 2, 4])], { equation: "bti,ihd->bhtd" })])), [1], 1) },
  { title: "Einsum that joins heads", shape: [2, 4, 3], build: (m) => mean(m, m.call("Tanh", [m.call("Einsum", [m.x, m.weight("w", [2, 3, 5])], { equation: "bhtd,hdo->bto" })]), [1]) },
  { title: "a stack of weights, one for each expert", shape: [4], build: (m) => flatten(m, m.call("Tanh", [m.call("MatMul", [reshape(m, m.x, [-1, 1, 1, 4]), m.weight("experts", [3, 4, 2])])])) },
  { title: "a stack of weights, each for its own part of the data", shape: [3, 2, 4], build: (m) => mean(m, m.call("Tanh", [m.call("Add", [m.call("MatMul", [m.x, m.weight("w", [3, 4, 2])]), m.weight("b", [3, 1, 2])])]), [1, 2]) },
  {
    title: "a bilinear form", shape: [6], build: (m) => {
      const [a, b] = m.calls("Split", [m.x, m.ints([3, 3])], { axis: 1 }, { outputs: 2 });
      return m.call("ReduceSum", [m.call("Mul", [reshape(m, m.call("MatMul", [a ?? "", m.weight("w", [3, 6])]), [-1, 2, 3]), reshape(m, b ?? "", [-1, 1, 3])]), m.ints([2])], { keepdims: 0 });
    },
  },
  { title: "a fully connected layer behind squeezed and unsqueezed axes", shape: [1, 4], build: (m) => gemm(m, m.call("Squeeze", [m.call("Tanh", [m.call("Unsqueeze", [m.call("Squeeze", [m.x, m.ints([1])]), m.ints([2])])]), m.ints([2])]), "fc", 4, 3) },
];
