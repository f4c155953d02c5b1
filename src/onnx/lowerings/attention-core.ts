import type { GraphBuilder } from "../builder.ts";
import type { Operand, Value } from "../value.ts";

/** Heads as their own axis: [B, S, N·d] → [B, N, S, d]. */
export const splitHeads = (g: GraphBuilder, x: Value, heads: number): Value => {
  const [batch = 1, length = 1, width = 1] = x.shape;
  return g.transpose(g.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
};

/** [B, N, S, d] → [B, S, N·d] */
export const joinHeads = (g: GraphBuilder, x: Value): Value => {
  const [batch = 1, heads = 1, length = 1, width = 1] = x.shape;
  return g.reshape(g.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
};

/** Each head of keys and values serves several heads of queries: [B, M, T, d] → [B, N, T, d], neighbours alike. */
export const repeatHeads = (g: GraphBuilder, x: Value, heads: number): Value => {
  const [batch = 1, own = 1, length = 1, width = 1] = x.shape;
  if (own === heads) return x;
  return g.reshape(g.expand(g.reshape(x, [batch, own, 1, length, width]), [batch, own, heads / own, length, width]), [batch, heads, length, width]);
};

export interface AttentionOptions {
  readonly scale: number;
  /** Added to the scores; broadcast to [B, N, S, T]. */
  readonly bias?: Operand;
  /** Where scores count, broadcast to [B, N, S, T], and what stands for those that do not. */
  readonly allowed?: readonly Value[];
  readonly masked?: number;
  /** c·tanh(scores/c) before masking; 0 is none. */
  readonly softcap?: number;
}

export interface Attended { readonly output: Value; readonly scores: Value; readonly capped: Value; readonly biased: Value; readonly weights: Value }

/**
 * softmax(scale·Q·Kᵀ + bias)·V; Q [B, N, S, d], K [B, N, T, d], V [B, N, T, e] → [B, N, S, e].
 * @source Vaswani et al. 2017, arXiv:1706.03762.
 */
export const attend = (g: GraphBuilder, q: Value, k: Value, v: Value, { scale, bias, allowed = [], masked = -3.4028234663852886e38, softcap = 0 }: AttentionOptions): Attended => {
  const scores = g.scale(g.matMul(q, g.swapLast(k)), scale);
  const capped = softcap === 0 ? scores : g.scale(g.unary("Tanh", g.scale(scores, 1 / softcap)), softcap);
  const shifted = bias ? g.add(capped, bias) : capped;
  const biased = allowed.reduce<Value>((sum, where) => g.where(where, sum, g.scalar(masked, sum)), shifted);
  const weights = g.op("Softmax", [biased], biased.shape, biased.dtype, { axis: biased.shape.length - 1 });
  return { output: g.matMul(weights, v), scores, capped, biased, weights };
};

/** [S, T]: place s may look at places up to its own, counted from the end of those before it. */
export const causal = (g: GraphBuilder, length: number, total: number, before: number): Value =>
  g.constant({ dtype: "bool", shape: [length, total], data: Uint8Array.from({ length: length * total }, (_, i) => (i % total <= Math.floor(i / total) + before ? 1 : 0)) }, "causal");

/** Counters 0 … n − 1 of int32. */
export const counters = (g: GraphBuilder, n: number): Value => g.constant({ dtype: "int32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => i) }, "counters");
