import { sizeOf } from "../../core/tensor.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import { intAttribute, stringAttribute } from "../../onnx/graph.ts";
import type { Operand, Value } from "../../onnx/value.ts";
import { asIs, type Factor, samplesFirst } from "../factor.ts";
import { again, type FactorContext, type Rule, type RuleContext, rule } from "../rule.ts";
import { axisOf, operand } from "./operand.ts";

/** Row numbers are compared as float32, which holds whole numbers up to this exactly. */
const MOST_ROWS = 2 ** 24;

/** Integer indices counted from the front, as int64. */
const fromFront = (indices: Value, size: number, g: GraphBuilder): Value => {
  const wide = g.cast(indices, "int64");
  return g.where(g.less(wide, g.scalar(0, wide)), g.shift(wide, size), wide);
};

/**
 * Per-sample gradients of an embedding table [V, …D]: each sample's cotangents added to the rows of its tokens. Two samples' inner product
 * needs only which of their tokens are equal: no gradient of the table's size is written.
 */
const embeddingFactor = ({ inputs: [table, indices], outputs: [y], cotangent, place, inputAxes: [, where], outputAxis, samples, g, ...context }: FactorContext): Factor | undefined => {
  if (!table || !indices || !y || place !== 0 || where?.axis !== outputAxis.axis || where.outer !== outputAxis.outer || intAttribute(context.step, "axis", 0) !== 0) return undefined;
  const [size = 1, ...width] = table.shape;
  if (size > MOST_ROWS) return undefined;
  const tokens = sizeOf(indices.shape) / samples;
  const rows = g.reshape(samplesFirst(fromFront(indices, size, g), where, samples, g), [samples, tokens, 1]);
  const updates = g.reshape(samplesFirst(cotangent, outputAxis, samples, g), [samples, tokens, sizeOf(width)]);
  const write = (builder: GraphBuilder): Value => {
    const zeros = builder.expand(builder.scalar(0, updates), [samples, size, sizeOf(width)]);
    const added = builder.op("ScatterElements", [zeros, builder.expand(rows, updates.shape), updates], zeros.shape, updates.dtype, { axis: 1, reduction: "add" });
    return builder.reshape(added, [samples, ...table.shape]);
  };
  return { kind: "lookup", a: g.cast(rows, updates.dtype), g: updates, table: sizeOf(table.shape), write, arrange: asIs };
};

/** Cotangents of picked rows, under `lead` axes in front, added back to where the rows came from. */
const putBack = (context: RuleContext, cotangent: Value, lead: readonly number[]): Value => {
  const { g, inputs: [x, indices] } = context;
  if (!x || !indices) throw new Error("Gather has two operands");
  const axis = axisOf(context);
  const size = x.shape[axis] ?? 0;
  const before = [...lead, ...x.shape.slice(0, axis)];
  const after = x.shape.slice(axis + 1);
  const count = sizeOf(indices.shape);
  const shape = [...before, count, ...after];
  const spread = g.expand(g.reshape(fromFront(indices, size, g), [...before.map(() => 1), count, ...after.map(() => 1)]), shape);
  const zeros = g.expand(g.scalar(0, cotangent), [...lead, ...x.shape]);
  return g.op("ScatterElements", [zeros, spread, g.reshape(cotangent, shape)], zeros.shape, cotangent.dtype, { axis: before.length, reduction: "add" });
};

/** Rows picked by integer indices along an axis; the adjoint adds each back to where it came from. */
export const gather = rule("Gather", {
  kind: "linear",
  jvp: (context) => context.tangents[0] && again(context, context.tangents[0]),
  vjp: (context) => [putBack(context, context.cotangent, [])],
  factor: embeddingFactor,
  lift: (rows, context) => putBack(context, rows, [rows.shape[0] ?? 1]),
});

/** Where the entries of a gathered or scattered tensor stand in the larger one, for either way of addressing them. */
interface Addressing {
  readonly pick: (context: RuleContext, from: Value, indices: Value) => Value;
  readonly put: (context: RuleContext, into: Value, indices: Value, updates: Value, reduction: "none" | "add" | "mul") => Value;
}

/** Indices along one axis, the other coordinates the entry's own. */
const elements: Addressing = {
  pick: (context, from, indices) => context.g.op("GatherElements", [from, indices], indices.shape, from.dtype, { axis: axisOf(context) }),
  put: (context, into, indices, updates, reduction) => context.g.op("ScatterElements", [into, indices, updates], into.shape, into.dtype, { axis: axisOf(context), reduction }),
};

/** The last axis of the indices holds leading coordinates. */
const leading: Addressing = {
  pick: (context, from, indices) => {
    const batch = intAttribute(context.step, "batch_dims", 0);
    const width = indices.shape.at(-1) ?? 0;
    return context.g.op("GatherND", [from, indices], [...indices.shape.slice(0, -1), ...from.shape.slice(batch + width)], from.dtype, { batch_dims: batch });
  },
  put: (context, into, indices, updates, reduction) => context.g.op("ScatterND", [into, indices, updates], into.shape, into.dtype, { reduction }),
};

/**
 * The adjoint of GatherND inside of batch axes: flat positions within each batch, so that they stay right when samples are repeated.
 * x [batch…, sizes…, tail…], indices [batch…, places…, k].
 */
const scatterInBatch = (x: Value, indices: Value, y: Value, batch: number, g: GraphBuilder): Value => {
  const width = indices.shape.at(-1) ?? 0;
  const sizes = x.shape.slice(batch, batch + width);
  const [lead, entries, tail] = [sizeOf(x.shape.slice(0, batch)), sizeOf(sizes), sizeOf(x.shape.slice(batch + width))];
  const places = sizeOf(indices.shape.slice(batch, -1));
  const wide = g.cast(indices, "int64");
  const last = indices.shape.length - 1;
  const flat = sizes.reduce<Value | undefined>((sum, size, i) => {
    const given = g.slice(wide, [i], [i + 1], [last]);
    const counted = g.where(g.less(given, g.scalar(0, given)), g.shift(given, size), given);
    return sum ? g.add(g.mul(sum, g.scalar(size, given)), counted) : counted;
  }, undefined);
  if (!flat) throw new Error("GatherND has at least one coordinate");
  const spread = g.expand(g.reshape(flat, [lead, places, 1]), [lead, places, tail]);
  const zeros = g.expand(g.scalar(0, y), [lead, entries, tail]);
  return g.reshape(g.op("ScatterElements", [zeros, spread, g.reshape(y, [lead, places, tail])], zeros.shape, y.dtype, { axis: 1, reduction: "add" }), x.shape);
};

/** Entries picked by position.  jvp the same of ẋ   vjp each ȳ added back to where it came from */
const gathering = (op: string, { put }: Addressing): Rule =>
  rule(op, {
    kind: "linear",
    jvp: (context) => context.tangents[0] && again(context, context.tangents[0]),
    vjp: (context) => {
      const { inputs: [x, indices], cotangent, step, g } = context;
      if (!x || !indices) return [];
      const batch = op === "GatherND" ? intAttribute(step, "batch_dims", 0) : 0;
      return [batch > 0 ? scatterInBatch(x, indices, cotangent, batch, g) : put(context, g.zerosLike(x), indices, cotangent, "add")];
    },
  });

export const gatherElements = gathering("GatherElements", elements);
export const gatherND = gathering("GatherND", leading);

interface Scatter { readonly data: Value; readonly indices: Value; readonly updates: Value; readonly y: Value }

const scatterParts = ({ inputs: [data, indices, updates], outputs: [y], step }: RuleContext): Scatter => {
  if (!data || !indices || !updates || !y) throw new Error(`${step.op} has three operands and a result`);
  return { data, indices, updates, y };
};

/** For max and min: 1 where the update is what came out (a tie goes to the data), and 1 where the data is. */
const winners = (context: RuleContext, { pick }: Addressing): { readonly update: Value; readonly kept: Value } => {
  const { data, indices, updates, y } = scatterParts(context);
  const { g } = context;
  const moved = g.op("Not", [g.equal(pick(context, data, indices), pick(context, y, indices))], updates.shape, "bool");
  return { update: g.mask(g.op("And", [moved, g.equal(updates, pick(context, y, indices))], updates.shape, "bool"), y.dtype), kept: g.mask(g.equal(data, y), y.dtype) };
};

const scatterTangent = (context: RuleContext, at: Addressing, dd: Operand, du: Operand): Operand => {
  const { g } = context;
  const { data, indices, updates, y } = scatterParts(context);
  const reduction = stringAttribute(context.step, "reduction", "none");
  const zeros = g.zerosLike(data);
  const noUpdates = g.zerosLike(updates);
  if (reduction === "none") return at.put(context, dd ?? zeros, indices, du ?? noUpdates, "none");
  if (reduction === "add") return at.put(context, dd ?? zeros, indices, du ?? noUpdates, "add");
  if (reduction === "mul") {
    const own = dd && at.put(context, dd, indices, updates, "mul");
    return g.sumOf(own, du && at.put(context, zeros, indices, g.mul(du, others(context, at)), "add"));
  }
  const { update, kept } = winners(context, at);
  return g.expand(g.sumOf(dd && g.mul(dd, kept), du && at.put(context, zeros, indices, g.mul(du, update), "add")) ?? zeros, y.shape);
};

/** For mul: what an update is multiplied with. The product over it, or the data where the update is 0 (and stands alone at its place). */
const others = (context: RuleContext, { pick }: Addressing): Value => {
  const { data, indices, updates, y } = scatterParts(context);
  const { g } = context;
  const isZero = g.equal(updates, g.scalar(0, updates));
  return g.where(isZero, pick(context, data, indices), g.div(pick(context, y, indices), g.where(isZero, g.scalar(1, updates), updates)));
};

/**
 * Updates written into a copy of the data, by position: set, added, multiplied, or the larger (smaller) kept.
 * Positions that repeat are allowed where the updates are combined, and undefined in ONNX where they are set.
 */
const scattering = (op: string, at: Addressing): Rule =>
  rule(op, {
    kind: "piecewise",
    jvp: (context) => scatterTangent(context, at, context.tangents[0], context.tangents[2]),
    vjp: (context) => {
      const { cotangent, wants, g } = context;
      const { data, indices, updates } = scatterParts(context);
      const reduction = stringAttribute(context.step, "reduction", "none");
      const back = (): Value => at.pick(context, cotangent, indices);
      if (reduction === "none") return [wants[0] && at.put(context, cotangent, indices, g.zerosLike(updates), "none"), undefined, wants[2] && back()];
      if (reduction === "add") return [cotangent, undefined, wants[2] && back()];
      if (reduction === "mul") {
        const factor = at.put(context, g.filled(1, data.shape, data.dtype === "float64" ? "float64" : "float32"), indices, updates, "mul");
        return [wants[0] && g.mul(cotangent, factor), undefined, wants[2] && g.mul(back(), others(context, at))];
      }
      const { update, kept } = winners(context, at);
      return [wants[0] && g.mul(cotangent, kept), undefined, wants[2] && g.mul(back(), update)];
    },
  });

export const scatterElements = scattering("ScatterElements", elements);
export const scatterND = scattering("ScatterND", leading);

/** The k largest entries along an axis; the second output says where they stood. */
export const topK = rule("TopK", {
  kind: "piecewise",
  jvp: (context) => {
    const { tangents: [dx], outputs: [, places], g } = context;
    return dx && places && g.op("GatherElements", [dx, places], places.shape, dx.dtype, { axis: axisOf(context, -1) });
  },
  vjp: (context) => {
    const { cotangent, outputs: [, places], g } = context;
    const x = operand(context);
    return [places && g.op("ScatterElements", [g.zerosLike(x), places, cotangent], x.shape, x.dtype, { axis: axisOf(context, -1), reduction: "add" })];
  },
});
