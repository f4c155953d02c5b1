import type { Family } from "../family.ts";
import { attend, block, dense, layerNorm, mean, permute, reshape, selfAttention, slice, splitHeads } from "../layers.ts";
import type { Maker } from "../maker.ts";

/** [n, 4, 4, c] → windows of 2×2: [n·4, 4, c]. */
const windows = (m: Maker, x: string, c: number): string => reshape(m, permute(m, reshape(m, x, [-1, 2, 2, 2, 2, c]), [0, 1, 3, 2, 4, 5]), [-1, 4, c]);

/** And back. */
const whole = (m: Maker, x: string, c: number): string => reshape(m, permute(m, reshape(m, x, [-1, 2, 2, 2, 2, c]), [0, 1, 3, 2, 4, 5]), [-1, 4, 4, c]);

/** A table of offsets looked up by constant indices: [1, heads, 4, 4]. */
const relativeBias = (m: Maker): string => {
  const index = [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4];
  const picked = reshape(m, m.call("Gather", [m.weight("relative", [9, 2], { scale: 0.5 }), m.ints(index)], { axis: 0 }), [4, 4, 2]);
  return m.call("Unsqueeze", [permute(m, picked, [2, 0, 1]), m.ints([0])]);
};

/** Shifts an axis of size 4 by one, round. */
const rolled = (m: Maker, x: string, axis: number): string => m.call("Concat", [slice(m, x, 1, 4, axis), slice(m, x, 0, 1, axis)], { axis });

const packed = (m: Maker): string => {
  const all = reshape(m, dense(m, m.x, "qkv", 4, 12), [-1, 3, 3, 2, 2]);
  const [q, k, v] = m.calls("Split", [permute(m, all, [2, 0, 3, 1, 4]), m.ints([1, 1, 1])], { axis: 0 }, { outputs: 3 }).map((part) => m.call("Squeeze", [part, m.ints([0])]));
  return mean(m, dense(m, reshape(m, permute(m, attend(m, q ?? "", k ?? "", v ?? "", 2), [0, 2, 1, 3]), [-1, 3, 4]), "out", 4, 3), [1]);
};

export const attentions: readonly Family[] = [
  { title: "multi-head attention", shape: [3, 4], build: (m) => mean(m, selfAttention(m, m.x, "attention", 3, 4, 2), [1]) },
  { title: "multi-head attention with one packed weight", shape: [3, 4], build: packed },
  { title: "a transformer block", shape: [3, 4], build: (m) => dense(m, mean(m, block(m, m.x, "block", 3, 4), [1]), "head", 4, 2) },
  { title: "window attention with shifted windows and relative positions", shape: [4, 4, 4], build: (m) => {
    const shifted = rolled(m, rolled(m, layerNorm(m, m.x, "norm", 4), 1), 2);
    const mixed = whole(m, selfAttention(m, windows(m, shifted, 4), "attention", 4, 4, 2, relativeBias(m)), 4);
    return dense(m, mean(m, m.call("Add", [m.x, mixed]), [1, 2]), "head", 4, 2);
  } },
  {
    title: "window attention, normalised and added inside of the windows", shape: [4, 4, 4], build: (m) => {
      const x = windows(m, dense(m, m.x, "patch", 4, 4), 4);
      return dense(m, mean(m, whole(m, layerNorm(m, block(m, x, "block", 4, 4), "norm", 4), 4), [1, 2]), "head", 4, 2);
    },
  },
  {
    title: "learned queries look at tokens", shape: [3, 4], build: (m) => {
      const q = permute(m, reshape(m, dense(m, m.weight("queries", [1, 2, 4], { scale: 1 }), "q", 4, 4), [1, 2, 2, 2]), [0, 2, 1, 3]);
      const [k, v] = ["k", "v"].map((part) => splitHeads(m, dense(m, m.x, part, 4, 4), 3, 2, 4));
      return mean(m, dense(m, reshape(m, permute(m, attend(m, q, k ?? "", v ?? "", 2), [0, 2, 1, 3]), [-1, 2, 4]), "out", 4, 3), [1]);
    },
  },
  {
    title: "linear attention over feature maps", shape: [3, 4], build: (m) => {
      const [q, k] = ["q", "k"].map((part) => m.call("Add", [m.call("Elu", [dense(m, m.x, part, 4, 4)]), m.scalar(1.1)]));
      const state = m.call("MatMul", [permute(m, k ?? "", [0, 2, 1]), dense(m, m.x, "v", 4, 4)]);
      return mean(m, m.call("MatMul", [q ?? "", state]), [1]);
    },
  },
  {
    title: "MultiHeadAttention as ONNX Runtime's optimiser leaves it", shape: [3, 4], build: (m) => {
      const [q, k, v] = ["q", "k", "v"].map((part) => m.call("MatMul", [m.x, m.weight(`${part}.weight`, [4, 4], { scale: 0.5 })]));
      return mean(m, dense(m, m.call("MultiHeadAttention", [q ?? "", k ?? "", v ?? "", m.weight("bias", [12], { scale: 0.3 })], { num_heads: 2 }, { domain: "com.microsoft" }), "out", 4, 2), [1]);
    },
  },
];
