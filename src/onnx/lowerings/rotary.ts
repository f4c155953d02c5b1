import type { GraphBuilder } from "../builder.ts";
import { intAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Operand, Value } from "../value.ts";

/** cos and sin for each place: rows of the caches [P, d/2] by position, or given per sample as they are; [B or 1, S, 1, d/2]. */
const angles = (g: GraphBuilder, cache: Value, positions: Operand, length: number): Value => {
  const half = cache.shape.at(-1) ?? 1;
  if (!positions) return g.reshape(cache, [cache.shape.length === 3 ? (cache.shape[0] ?? 1) : 1, length, 1, half]);
  const offset = positions.shape.length < 2 && positions.shape.reduce((a, b) => a * b, 1) === 1;
  const whole = g.cast(positions, "int64");
  const rows = offset ? g.add(g.reshape(whole, [1, 1]), g.reshape(g.ints(Array.from({ length }, (_, i) => i)), [1, length])) : whole;
  return g.reshape(g.op("Gather", [cache, rows], [...rows.shape, half], cache.dtype, { axis: 0 }), [rows.shape[0] ?? 1, length, 1, half]);
};

/** x as [B, S, N, d] turned by the angles in pairs: neighbours where interleaved, else the two halves. */
const turned = (g: GraphBuilder, x: Value, cos: Value, sin: Value, interleaved: boolean): Value => {
  const [batch = 1, length = 1, heads = 1] = x.shape;
  const width = 2 * (cos.shape.at(-1) ?? 1);
  const rest = x.shape.at(-1) ?? width;
  const moving = g.slice(x, [0], [width], [3]);
  const pairs = interleaved ? g.reshape(moving, [batch, length, heads, width / 2, 2]) : g.transpose(g.reshape(moving, [batch, length, heads, 2, width / 2]), [0, 1, 2, 4, 3]);
  const part = (place: number): Value => g.reshape(g.slice(pairs, [place], [place + 1], [4]), [batch, length, heads, width / 2]);
  const [a, b] = [part(0), part(1)];
  const results = [g.sub(g.mul(a, cos), g.mul(b, sin)), g.add(g.mul(a, sin), g.mul(b, cos))];
  const whole = interleaved
    ? g.reshape(g.concat(results.map((r) => g.reshape(r, [batch, length, heads, width / 2, 1])), 4), [batch, length, heads, width])
    : g.concat(results, 3);
  return rest === width ? whole : g.concat([whole, g.slice(x, [width], [rest], [3])], 3);
};

/**
 * Rotary position embedding of X [B, S, N·d] or [B, N, S, d]. The order of operands differs between ONNX and ONNX Runtime's own domain.
 * @source Su et al. 2021, arXiv:2104.09864.
 */
const rotary = (domain: string, places: { readonly cos: number; readonly sin: number; readonly positions: number }) => lowering("RotaryEmbedding", (context: LoweringContext) => {
  const { node, inputs, g } = context;
  const x = need(context, 0);
  const cos = need(context, places.cos);
  const flat = x.shape.length === 3;
  const width = x.shape.at(-1) ?? 1;
  const named = intAttribute(node, "num_heads", 0);
  const size = 2 * (cos.shape.at(-1) ?? 1);
  const heads = flat ? (named > 0 ? named : width / size) : (x.shape[1] ?? 1);
  const spread = flat ? g.reshape(x, [x.shape[0] ?? 1, x.shape[1] ?? 1, heads, width / heads]) : g.transpose(x, [0, 2, 1, 3]);
  const length = spread.shape[1] ?? 1;
  const at = (place: number): Value => angles(g, need(context, place), inputs[places.positions], length);
  const y = turned(g, spread, at(places.cos), at(places.sin), intAttribute(node, "interleaved", 0) !== 0);
  return [flat ? g.reshape(y, x.shape) : g.transpose(y, [0, 2, 1, 3])];
}, domain);

export const rotaries = [rotary("", { cos: 1, sin: 2, positions: 3 }), rotary("com.microsoft", { cos: 2, sin: 3, positions: 1 })];
