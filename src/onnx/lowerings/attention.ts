import { LensError } from "../../core/errors.ts";
import { describe, floatAttribute, intAttribute, intsAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Operand, Value } from "../value.ts";
import { attend, causal, counters, joinHeads, repeatHeads, splitHeads } from "./attention-core.ts";

const unsupported = (context: LoweringContext, what: string): LensError =>
  new LensError("MODEL_NODE", `${describe(context.node)} ${what}, which is not supported.`, "Export the model without ONNX Runtime's transformer optimisations (attention as MatMul and Softmax).");

const joined = (context: LoweringContext, past: Operand, now: Value): Value => (past ? context.g.concat([past, now], 2) : now);

/** Attention of opset 23: heads on their own axis (rank 4) or inside of the features (rank 3); past keys and values come first. */
const standard = lowering("Attention", (context) => {
  const { node, inputs, g } = context;
  const heads = (place: number, key: string): Value => {
    const x = need(context, place);
    return x.shape.length === 3 ? splitHeads(g, x, intAttribute(node, key, 1)) : x;
  };
  const q = heads(0, "q_num_heads");
  const k = joined(context, inputs[4], heads(1, "kv_num_heads"));
  const v = joined(context, inputs[5], heads(2, "kv_num_heads"));
  const [, count = 1, length = 1, width = 1] = q.shape;
  const mask = inputs[3];
  const before = inputs[4]?.shape[2] ?? 0;
  const total = k.shape[2] ?? 1;
  const isBool = mask?.dtype === "bool";
  const attended = attend(g, q, repeatHeads(g, k, count), repeatHeads(g, v, count), {
    scale: floatAttribute(node, "scale", 1 / Math.sqrt(width)), bias: isBool ? undefined : mask, softcap: floatAttribute(node, "softcap", 0),
    allowed: [...(isBool ? [mask] : []), ...(intAttribute(node, "is_causal", 0) !== 0 ? [causal(g, length, total, before)] : [])],
  });
  const shown = [attended.scores, attended.biased, attended.capped, attended.weights][intAttribute(node, "qk_matmul_output_mode", 0)];
  return [need(context, 0).shape.length === 3 ? joinHeads(g, attended.output) : attended.output, k, v, shown];
});

/** Scores that count by a padding mask: lengths [B], or ones [B, T] or [B, S, T]; broadcast to [B, N, S, T]. */
const paddingMask = (context: LoweringContext, mask: Value, batch: number, total: number): Value => {
  const { g } = context;
  const whole = g.cast(mask, "int32");
  if (mask.shape.length === 1 && mask.shape[0] === batch) return g.less(g.reshape(counters(g, total), [1, 1, 1, total]), g.reshape(whole, [batch, 1, 1, 1]));
  if (mask.shape.length === 2) return g.greater(g.reshape(whole, [mask.shape[0] ?? 1, 1, 1, mask.shape[1] ?? 1]), g.scalar(0, whole));
  if (mask.shape.length === 3) return g.greater(g.reshape(whole, [mask.shape[0] ?? 1, 1, ...mask.shape.slice(1)]), g.scalar(0, whole));
  throw unsupported(context, `has a mask of shape [${mask.shape.join(", ")}]`);
};

interface Heads { readonly q: Value; readonly k: Value; readonly v: Value }

/** What ONNX Runtime's fused attentions share: scale, masks, bias of the scores. */
const fused = (context: LoweringContext, { q, k, v }: Heads, mask: Operand, bias: Operand, before: number): Value => {
  const { node, g } = context;
  const [batch = 1, , length = 1, width = 1] = q.shape;
  const total = k.shape[2] ?? 1;
  const scale = floatAttribute(node, "scale", 0);
  const masked = floatAttribute(node, "mask_filter_value", -10_000);
  const padding = mask && paddingMask(context, mask, batch, total);
  // The padding mask is added to the scores; the causal one replaces them.
  const added = padding && g.where(padding, g.scalar(0, q), g.scalar(masked, q));
  const shift = g.sumOf(added, bias);
  return attend(g, q, k, v, {
    scale: scale === 0 ? 1 / Math.sqrt(width) : scale, bias: shift, allowed: intAttribute(node, "unidirectional", 0) !== 0 ? [causal(g, length, total, before)] : [],
  }).output;
};

/** Query, key and value of MultiHeadAttention as heads. Packed forms run on GPUs only and cannot be traced here. */
const headsOf = (context: LoweringContext, count: number): Heads => {
  const { inputs, g } = context;
  const query = need(context, 0);
  const [, key, value, bias] = inputs;
  if (!key || !value || query.shape.length !== 3) throw unsupported(context, "packs query, key and value into one tensor");
  const hidden = query.shape.at(-1) ?? 1;
  const biased = (x: Value, from: number): Value => (bias ? g.add(x, g.slice(bias, [from], [from + (x.shape.at(-1) ?? 1)], [0])) : x);
  const split = (x: Value, from: number): Value => (x.shape.length === 4 ? x : splitHeads(g, biased(x, from), count));
  return { q: split(query, 0), k: split(key, hidden), v: split(value, 2 * hidden) };
};

const multiHead = lowering("MultiHeadAttention", (context) => {
  const { node, inputs, g } = context;
  const heads = headsOf(context, intAttribute(node, "num_heads", 1));
  const k = joined(context, inputs[6], heads.k);
  const v = joined(context, inputs[7], heads.v);
  const before = inputs[6]?.shape[2] ?? 0;
  return [joinHeads(g, fused(context, { q: heads.q, k, v }, inputs[4], inputs[5], before)), k, v];
}, "com.microsoft");

/** Attention with its input projection inside: X·W + b gives query, key and value side by side. */
const projected = lowering("Attention", (context) => {
  const { node, inputs, g } = context;
  if (inputs[4] || intAttribute(node, "do_rotary", 0) !== 0) throw unsupported(context, "has a past or rotary embeddings");
  const product = g.matMul(need(context, 0), need(context, 1));
  const all = inputs[2] ? g.add(product, inputs[2]) : product;
  const third = (all.shape.at(-1) ?? 3) / 3;
  const widths = intsAttribute(node, "qkv_hidden_sizes") ?? [third, third, third];
  const count = intAttribute(node, "num_heads", 1);
  const part = (place: number): Value => {
    const from = widths.slice(0, place).reduce((a, b) => a + b, 0);
    return splitHeads(g, g.slice(all, [from], [from + (widths[place] ?? 0)], [2]), count);
  };
  return [joinHeads(g, fused(context, { q: part(0), k: part(1), v: part(2) }, inputs[3], inputs[5], 0))];
}, "com.microsoft");

export const attentions = [standard, multiHead, projected];
