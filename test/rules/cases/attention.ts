import { int32 } from "../tensors.ts";
import { type RuleCase, fixed, floats, ints, one, v } from "../case.ts";

const CONTRIB = "com.microsoft";
const mask = fixed({ dtype: "bool", shape: [3, 4], data: Uint8Array.of(1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1) });

const standard: readonly RuleCase[] = [
  one("Attention", "heads on their own axis", [v([2, 2, 3, 4]), v([2, 2, 5, 4]), v([2, 2, 5, 6])], { opset: 23 }),
  one("Attention", "heads inside of the features, causal, scaled", [v([2, 3, 8]), v([2, 3, 8]), v([2, 3, 8])], { opset: 23, attributes: { q_num_heads: 2, kv_num_heads: 2, is_causal: 1, scale: { float: 0.3 } } }),
  one("Attention", "shared keys, a mask of booleans", [v([2, 4, 3, 4]), v([2, 2, 4, 4]), v([2, 2, 4, 4]), mask], { opset: 23 }),
  one("Attention", "a mask that is added, soft cap", [v([2, 2, 3, 4]), v([2, 2, 4, 4]), v([2, 2, 4, 4]), v([3, 4])], { opset: 23, attributes: { softcap: { float: 2 } } }),
  one("Attention", "past keys and values, all outputs", [v([1, 2, 3, 4]), v([1, 2, 3, 4]), v([1, 2, 3, 4]), undefined, v([1, 2, 2, 4]), v([1, 2, 2, 4])], { opset: 23, outputs: 3 }),
];

const contrib: readonly RuleCase[] = [
  one("MultiHeadAttention", "apart, with bias", [v([2, 3, 8]), v([2, 5, 8]), v([2, 5, 8]), v([24])], { domain: CONTRIB, attributes: { num_heads: 2 } }),
  one("MultiHeadAttention", "keys and values as heads", [v([2, 3, 8]), v([2, 2, 5, 4]), v([2, 2, 5, 4])], { domain: CONTRIB, attributes: { num_heads: 2 } }),
  one("MultiHeadAttention", "a padding mask and a bias of the scores", [v([2, 3, 8]), v([2, 3, 8]), v([2, 3, 8]), undefined, fixed(int32([2, 3], [1, 1, 0, 1, 1, 1])), v([1, 2, 3, 3])], { domain: CONTRIB, attributes: { num_heads: 2 } }),
  one("MultiHeadAttention", "causal", [v([2, 4, 8]), v([2, 4, 8]), v([2, 4, 8])], { domain: CONTRIB, attributes: { num_heads: 2, unidirectional: 1 } }),
  one("Attention", "projection inside", [v([2, 3, 6]), v([6, 24]), v([24])], { domain: CONTRIB, attributes: { num_heads: 2 } }),
  one("Attention", "projection inside, lengths, causal", [v([2, 4, 6]), v([6, 24]), v([24]), fixed(int32([2], [2, 4]))], { domain: CONTRIB, attributes: { num_heads: 2, unidirectional: 1 } }),
];

const caches = [v([8, 2]), v([8, 2])];

const rotary: readonly RuleCase[] = [
  one("RotaryEmbedding", "halves, by position", [v([2, 2, 3, 4]), ...caches, ints([0, 1, 2, 5, 6, 7], [2, 3])], { opset: 23 }),
  one("RotaryEmbedding", "interleaved, heads inside", [v([2, 3, 8]), ...caches, ints([0, 1, 2, 5, 6, 7], [2, 3])], { opset: 23, attributes: { interleaved: 1, num_heads: 2 } }),
  one("RotaryEmbedding", "a part of the features", [v([2, 2, 3, 6]), ...caches, ints([0, 1, 2, 5, 6, 7], [2, 3])], { opset: 23, attributes: { rotary_embedding_dim: 4 } }),
  one("RotaryEmbedding", "angles for each sample", [v([2, 2, 3, 4]), v([2, 3, 2]), v([2, 3, 2])], { opset: 23 }),
  one("RotaryEmbedding", "of ONNX Runtime, from an offset", [v([2, 3, 8]), ints([2]), ...caches], { domain: CONTRIB, attributes: { num_heads: 2 } }),
  one("RotaryEmbedding", "of ONNX Runtime, by position", [v([2, 3, 8]), ints([0, 1, 2, 5, 6, 7], [2, 3]), ...caches], { domain: CONTRIB, attributes: { interleaved: 1 } }),
];

const fused: readonly RuleCase[] = [
  one("Gelu", "of ONNX Runtime", [v([3, 4])], { domain: CONTRIB }),
  one("BiasGelu", "of ONNX Runtime", [v([3, 4]), v([4])], { domain: CONTRIB, samples: true }),
  one("FastGelu", "with bias", [v([3, 4]), v([4])], { domain: CONTRIB, samples: true }),
  one("FastGelu", "without bias", [v([3, 4])], { domain: CONTRIB }),
  one("QuickGelu", "its own α", [v([3, 4])], { domain: CONTRIB }),
  one("Swish", "α = 1.5", [v([3, 4])], { opset: 24, attributes: { alpha: { float: 1.5 } } }),
  one("FusedMatMul", "exchanged and scaled", [v([2, 4, 3]), v([2, 5, 4])], { domain: CONTRIB, attributes: { transA: 1, transB: 1, alpha: { float: 0.3 } } }),
  one("FusedMatMul", "rows first", [v([3, 2, 4]), v([4, 2, 5])], { domain: CONTRIB, attributes: { transBatchA: 1, transBatchB: 1 } }),
  one("FusedMatMul", "a weight", [v([3, 4]), v([5, 4])], { domain: CONTRIB, attributes: { transB: 1 }, samples: true }),
  one("FusedConv", "with Relu", [v([2, 2, 5, 5]), v([3, 2, 3, 3]), v([3])], { domain: CONTRIB, attributes: { activation: "Relu", kernel_shape: [3, 3] }, samples: true }),
  one("FusedConv", "a sum, then LeakyRelu", [v([2, 2, 5, 5]), v([3, 2, 3, 3]), v([3]), v([2, 3, 3, 3])], { domain: CONTRIB, attributes: { activation: "LeakyRelu", activation_params: { type: "floats", value: [0.2] }, kernel_shape: [3, 3] } }),
  one("FusedGemm", "with Tanh", [v([3, 4]), v([5, 4]), v([5])], { domain: CONTRIB, attributes: { activation: "Tanh", transB: 1 }, samples: true }),
  one("DequantizeLinear", "a scale for each channel", [fixed({ dtype: "int8", shape: [2, 3], data: Int8Array.of(1, -2, 3, 4, 5, -6) }), v([3]), fixed({ dtype: "int8", shape: [3], data: Int8Array.of(1, 0, -1) })], { attributes: { axis: 1 } }),
  one("DequantizeLinear", "one scale", [fixed({ dtype: "uint8", shape: [4], data: Uint8Array.of(1, 2, 3, 4) }), v([])]),
  one("CastLike", "to the type of another", [v([2, 3]), floats([1])]),
];

export const attention: readonly RuleCase[] = [...standard, ...contrib, ...rotary, ...fused];
