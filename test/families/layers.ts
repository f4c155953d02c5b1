import type { PlainAttributes } from "../../src/onnx/program-writer.ts";
import type { Maker } from "./maker.ts";

/** x·W + b over the last axis, as PyTorch exports a Linear layer on tokens. */
export const dense = (m: Maker, x: string, name: string, from: number, to: number): string => m.call("Add", [m.call("MatMul", [x, m.weight(`${name}.weight`, [from, to], { scale: from ** -0.5 })]), m.weight(`${name}.bias`, [to], { scale: 0.3 })]);

/** The same over [n, from], as PyTorch exports it there. */
export const gemm = (m: Maker, x: string, name: string, from: number, to: number): string => m.call("Gemm", [x, m.weight(`${name}.weight`, [to, from]), m.weight(`${name}.bias`, [to], { scale: 0.3 })], { transB: 1 });

/** A convolution with bias; kernel shape [out, in/group, …]. */
export const conv = (m: Maker, x: string, name: string, shape: readonly number[], attributes: PlainAttributes = {}): string =>
  m.call("Conv", [x, m.weight(`${name}.weight`, shape), m.weight(`${name}.bias`, [shape[0] ?? 1], { scale: 0.3 })], { kernel_shape: shape.slice(2), ...attributes });

/** Scale about 1 and shift about 0, as trained ones are. */
export const affine = (m: Maker, name: string, shape: readonly number[]): readonly [scale: string, shift: string] => [m.weight(`${name}.weight`, shape, { mean: 1, scale: 0.3 }), m.weight(`${name}.bias`, shape, { scale: 0.3 })];

export const layerNorm = (m: Maker, x: string, name: string, width: number): string => m.call("LayerNormalization", [x, ...affine(m, name, [width])], { axis: -1 });

/** Inference: running statistics are constants by their place. */
export const batchNorm = (m: Maker, x: string, name: string, width: number): string =>
  m.call("BatchNormalization", [x, ...affine(m, name, [width]), m.floats(Array.from({ length: width }, (_, i) => 0.1 * i)), m.floats(Array.from({ length: width }, (_, i) => 1 + 0.2 * i))]);

export const reshape = (m: Maker, x: string, shape: readonly number[]): string => m.call("Reshape", [x, m.ints(shape)]);

export const permute = (m: Maker, x: string, perm: readonly number[]): string => m.call("Transpose", [x], { perm });

export const mean = (m: Maker, x: string, axes: readonly number[], keepdims = 0): string => m.call("ReduceMean", [x, m.ints(axes)], { keepdims });

export const slice = (m: Maker, x: string, from: number, to: number, axis: number): string => m.call("Slice", [x, m.ints([from]), m.ints([to]), m.ints([axis])]);

export const flatten = (m: Maker, x: string): string => m.call("Flatten", [x], { axis: 1 });

/** Heads of [n, tokens, width] → [n, heads, tokens, width/heads]. */
export const splitHeads = (m: Maker, x: string, tokens: number, heads: number, width: number): string => permute(m, reshape(m, x, [-1, tokens, heads, width / heads]), [0, 2, 1, 3]);

/** softmax(q·kᵀ/√d + bias)·v over [n, heads, tokens, d]. */
export const attend = (m: Maker, q: string, k: string, v: string, d: number, bias?: string): string => {
  const scores = m.call("Mul", [m.call("MatMul", [q, permute(m, k, [0, 1, 3, 2])]), m.scalar(d ** -0.5)]);
  return m.call("MatMul", [m.call("Softmax", [bias === undefined ? scores : m.call("Add", [scores, bias])], { axis: -1 }), v]);
};

/** Multi-head self-attention over [n, tokens, width]; `bias` is added to the scores. */
export const selfAttention = (m: Maker, x: string, name: string, tokens: number, width: number, heads: number, bias?: string): string => {
  const [q, k, v] = (["q", "k", "v"] as const).map((part) => splitHeads(m, dense(m, x, `${name}.${part}`, width, width), tokens, heads, width));
  const mixed = permute(m, attend(m, q ?? "", k ?? "", v ?? "", width / heads, bias), [0, 2, 1, 3]);
  return dense(m, reshape(m, mixed, [-1, tokens, width]), `${name}.out`, width, width);
};

/** A transformer block with normalisation first. */
export const block = (m: Maker, x: string, name: string, tokens: number, width: number, heads = 2, bias?: string): string => {
  const mixed = m.call("Add", [x, selfAttention(m, layerNorm(m, x, `${name}.norm1`, width), `${name}.attention`, tokens, width, heads, bias)]);
  const inner = m.call("Gelu", [dense(m, layerNorm(m, mixed, `${name}.norm2`, width), `${name}.up`, width, 2 * width)]);
  return m.call("Add", [mixed, dense(m, inner, `${name}.down`, 2 * width, width)]);
};
