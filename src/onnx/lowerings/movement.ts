import { LensError } from "../../core/errors.ts";
import { describe, floatAttribute, intAttribute, intsAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need, numbersOf } from "../lowering.ts";
import { normaliseAxis, type Operand, type Value } from "../value.ts";

/** Parts along an axis, as one Slice each; their sizes are those of the traced run. */
const split = lowering("Split", (context) => {
  const x = need(context, 0);
  const axis = normaliseAxis(intAttribute(context.node, "axis", 0), x.shape.length);
  let start = 0;
  return context.outputs.map((out) => {
    const from = start;
    start += out.shape[axis] ?? 0;
    return context.g.slice(x, [from], [start], [axis]);
  });
});

/** Repetition is broadcasting along an axis of its own. */
const tile = lowering("Tile", (context) => {
  const { g, outputs: [out] } = context;
  const x = need(context, 0);
  if (!out) return [];
  const repeats = x.shape.map((d, i) => (d === 0 ? 1 : (out.shape[i] ?? 0) / d));
  return [g.reshape(g.expand(g.reshape(x, x.shape.flatMap((d) => [1, d])), x.shape.flatMap((d, i) => [repeats[i] ?? 1, d])), out.shape)];
});

/** Channels to blocks of pixels, in the order that `mode` says. */
const depthToSpace = lowering("DepthToSpace", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const b = intAttribute(node, "blocksize", 1);
  const depth = c / (b * b);
  const columnsFirst = stringAttribute(node, "mode", "DCR") === "CRD";
  const cut = columnsFirst ? g.reshape(x, [n, depth, b, b, h, w]) : g.reshape(x, [n, b, b, depth, h, w]);
  return [g.reshape(g.transpose(cut, columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]), [n, depth, h * b, w * b])];
});

const spaceToDepth = lowering("SpaceToDepth", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const b = intAttribute(node, "blocksize", 1);
  return [g.reshape(g.transpose(g.reshape(x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b])];
});

/** Pads of every axis, [before…, after…]: an attribute up to opset 10, an operand since; with named axes since 18. */
const padsOf = (context: LoweringContext, rank: number): { before: number[]; after: number[] } => {
  const given = numbersOf(context, 1) ?? intsAttribute(context.node, "pads") ?? intsAttribute(context.node, "paddings") ?? [];
  const axes = (numbersOf(context, 3) ?? Array.from({ length: given.length / 2 }, (_, i) => i)).map((axis) => normaliseAxis(axis, rank));
  const before = Array.from({ length: rank }, () => 0);
  const after = [...before];
  axes.forEach((axis, i) => {
    before[axis] = given[i] ?? 0;
    after[axis] = given[i + axes.length] ?? 0;
  });
  return { before, after };
};

/** Which entry of an axis of `size` stands at place p of the padded axis. @source ONNX operator specification, Pad. */
const sourceOf = (mode: string, p: number, size: number): number => {
  if (mode === "edge") return Math.min(Math.max(p, 0), size - 1);
  if (mode === "wrap") return ((p % size) + size) % size;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((p % period) + period) % period;
  return folded < size ? folded : period - folded;
};

const byGather = (context: LoweringContext, x: Value, mode: string, before: readonly number[], after: readonly number[]): Value =>
  x.shape.reduce<Value>((padded, size, axis) => {
    const from = -(before[axis] ?? 0);
    const to = size + (after[axis] ?? 0);
    if (from === 0 && to === size) return padded;
    const places = Array.from({ length: to - from }, (_, i) => sourceOf(mode, from + i, size));
    return context.g.op("Gather", [padded, context.g.ints(places)], padded.shape.map((d, i) => (i === axis ? places.length : d)), x.dtype, { axis });
  }, x);

/** Constant padding stays one Pad with all axes; the other modes pick entries, axis by axis. */
const pad = lowering("Pad", (context) => {
  const { node, inputs, g } = context;
  const x = need(context, 0);
  const mode = stringAttribute(node, "mode", "constant");
  const { before, after } = padsOf(context, x.shape.length);
  if (mode !== "constant") return [byGather(context, x, mode, before, after)];
  const zero = g.pad(x, before, after);
  const value: Operand = inputs[2] ?? (node.attributes.value ? g.scalar(floatAttribute(node, "value", 0), x) : undefined);
  if (!value || (value.constant && Number(value.constant.data[0]) === 0)) return [zero];
  const inside = g.pad(g.expand(g.scalar(1, x), x.shape), before, after);
  return [g.where(g.greater(inside, g.scalar(0, inside)), zero, g.reshape(value, []))];
});

/** Dropout in inference hands its operand on, and keeps everything. @throws LensError MODEL_TRAINING. */
const dropout = lowering("Dropout", (context) => {
  const { node, inputs, g } = context;
  const x = need(context, 0);
  if (inputs[2]?.constant && Number(inputs[2].constant.data[0]) !== 0) {
    throw new LensError("MODEL_TRAINING", `${describe(node)} drops values at random.`, "Export the model in evaluation mode (model.eval() before torch.onnx.export).");
  }
  const mask = context.outputs[1];
  if (!mask) return [x];
  // Up to opset 11 ONNX Runtime hands out zeros, of the type of x at first; since then, that all is kept.
  const kept = g.cast(g.constant({ dtype: "bool", shape: [], data: Uint8Array.of(context.opset < 12 ? 0 : 1) }), mask.dtype);
  return [x, g.expand(kept, x.shape)];
});

/** Start, and whole multiples of the step: as many as the traced run gave. */
const range = lowering("Range", (context) => {
  const { g, outputs: [out] } = context;
  const start = need(context, 0);
  const step = need(context, 2);
  const count = out?.shape[0] ?? 0;
  const ordinals = g.cast(g.ints(Array.from({ length: count }, (_, i) => i)), start.dtype);
  return [g.add(g.reshape(start, []), g.mul(ordinals, g.reshape(step, [])))];
});

export const movements = [split, tile, depthToSpace, spaceToDepth, pad, dropout, range];
