import type { Family } from "../family.ts";
import { attend, conv, dense, flatten, gemm, layerNorm, mean, permute, reshape, slice } from "../layers.ts";
import type { Maker } from "../maker.ts";

const TOKENS = 3;

/** A Linear layer on [T, n, from] as [T·n, from], as torch.nn.functional.multi_head_attention_forward is exported. */
const timeMajor = (m: Maker, x: string, name: string, from: number, to: number): string => reshape(m, gemm(m, reshape(m, x, [-1, from]), name, from, to), [TOKENS, -1, to]);

/** [T, n, 4] → heads [n, 2, T, 2]. */
const heads = (m: Maker, x: string): string => reshape(m, permute(m, reshape(m, x, [TOKENS, -1, 2]), [1, 0, 2]), [-1, 2, TOKENS, 2]);

/** torch.nn.MultiheadAttention(4, 2) with one packed weight, over [T, n, 4]. */
const multihead = (m: Maker, x: string): string => {
  const all = timeMajor(m, x, "in_proj", 4, 12);
  const [q, k, v] = [0, 4, 8].map((from) => heads(m, slice(m, all, from, from + 4, 2)));
  const mixed = permute(m, reshape(m, attend(m, q ?? "", k ?? "", v ?? "", 2), [-1, TOKENS, 2]), [1, 0, 2]);
  return timeMajor(m, reshape(m, mixed, [TOKENS, -1, 4]), "out_proj", 4, 4);
};

/** The left and the right half of the columns, one batch after the other along the samples' axis. */
const twoViews = (m: Maker, width: number, axis: number): string => m.call("Concat", [slice(m, m.x, 0, width / 2, axis), slice(m, m.x, width / 2, width, axis)], { axis: 0 });

/** The two halves of a batch that was made of two views: what each says of a sample, multiplied. */
const compared = (m: Maker, x: string): string => {
  const [a, b] = m.calls("Split", [x], { axis: 0, num_outputs: 2 }, { outputs: 2 });
  return m.call("Mul", [a ?? "", m.call("Tanh", [b ?? ""])]);
};

/** Networks whose samples are not the outermost part of an axis that they share with positions. */
export const arrangements: readonly Family[] = [
  { title: "PyTorch's multi-head attention, tokens in front of the samples", shape: [TOKENS, 4], build: (m) => mean(m, multihead(m, permute(m, m.x, [1, 0, 2])), [0]) },
  {
    title: "a transformer layer with tokens in front of the samples", shape: [TOKENS, 4], build: (m) => {
      const x = permute(m, m.x, [1, 0, 2]);
      const mixed = layerNorm(m, m.call("Add", [x, multihead(m, x)]), "norm1", 4);
      const inner = m.call("Relu", [timeMajor(m, mixed, "linear1", 4, 8)]);
      return dense(m, mean(m, layerNorm(m, m.call("Add", [mixed, timeMajor(m, inner, "linear2", 8, 4)]), "norm2", 4), [0]), "head", 4, 2);
    },
  },
  { title: "two views of each sample through one layer, one batch after the other", shape: [6], build: (m) => compared(m, gemm(m, m.call("Tanh", [gemm(m, twoViews(m, 6, 1), "layer1", 3, 4)]), "layer2", 4, 2)) },
  { title: "two views of each image through one convolution, scaled", shape: [2, 4, 8], build: (m) => {
    const seen = m.call("Tanh", [conv(m, twoViews(m, 8, 3), "conv", [3, 2, 3, 3])]);
    return compared(m, mean(m, m.call("Mul", [seen, m.weight("scale", [3, 1, 1], { mean: 1, scale: 0.3 })]), [2, 3]));
  } },
  { title: "grouped convolution of two views", shape: [4, 4, 8], build: (m) => compared(m, mean(m, m.call("Tanh", [conv(m, twoViews(m, 8, 3), "conv", [4, 2, 3, 3], { group: 2 })]), [2, 3])) },
  { title: "each batch of samples three times, one after the other, with a bias each", shape: [4], build: (m) => {
    const thrice = reshape(m, gemm(m, m.call("Tile", [m.x, m.ints([3, 1])]), "layer", 4, 3), [3, -1, 3]);
    return mean(m, m.call("Tanh", [m.call("Add", [thrice, m.weight("each", [3, 1, 3], { scale: 0.5 })])]), [0]);
  } },
  { title: "tokens in front of the samples, looked up as one list", shape: [TOKENS], tokens: 7, build: (m) => {
    const list = reshape(m, permute(m, m.x, [1, 0]), [-1]);
    const words = reshape(m, m.call("Gather", [m.weight("table", [7, 4], { scale: 1 }), list], { axis: 0 }), [TOKENS, -1, 4]);
    return flatten(m, gemm(m, mean(m, m.call("Tanh", [words]), [0]), "head", 4, 2));
  } },
  { title: "frames of a film in front of the samples", shape: [3, 2, 5, 5], build: (m) => {
    const frames = reshape(m, permute(m, m.x, [1, 0, 2, 3, 4]), [-1, 2, 5, 5]);
    return mean(m, reshape(m, mean(m, m.call("Tanh", [conv(m, frames, "conv", [3, 2, 3, 3])]), [2, 3]), [3, -1, 3]), [0]);
  } },
  { title: "one view and two more, one batch after the other", shape: [3], build: (m) => {
    const two = m.call("Concat", [m.call("Tanh", [m.x]), m.call("Sin", [m.x])], { axis: 0 });
    return mean(m, reshape(m, m.call("Tanh", [gemm(m, m.call("Concat", [m.x, two], { axis: 0 }), "layer", 3, 2)]), [3, -1, 2]), [0]);
  } },
  { title: "every other row of a list of all samples' tokens", shape: [4, 3], alone: ["layer.weight", "layer.bias"], build: (m) => {
    const others = m.call("Slice", [reshape(m, m.x, [-1, 3]), m.ints([0]), m.ints([2 ** 31]), m.ints([0]), m.ints([2])]);
    return mean(m, reshape(m, m.call("Tanh", [gemm(m, others, "layer", 3, 2)]), [-1, 2, 2]), [1]);
  } },
  { title: "samples between positions on both sides", shape: [2, 4], build: (m) => {
    const both = reshape(m, permute(m, reshape(m, m.x, [-1, 2, 2, 2]), [1, 0, 2, 3]), [-1, 2]);
    return mean(m, m.call("Tanh", [reshape(m, gemm(m, both, "layer", 2, 3), [2, -1, 2, 3])]), [0, 2]);
  } },
];
