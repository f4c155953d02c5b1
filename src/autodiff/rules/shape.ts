import { isFloat, sizeOf } from "../../core/tensor.ts";
import { intsAttribute } from "../../onnx/graph.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { again, linear, rule, type RuleContext } from "../rule.ts";
import { axisOf, constant, operand } from "./operand.ts";

/** The same entries under another shape. */
export const reshape = linear("Reshape", (context, x) => context.g.reshape(x, context.outputs[0]?.shape ?? []), (context, y) => context.g.reshape(y, operand(context).shape));

const inverse = (permutation: readonly number[]): number[] => {
  const out = permutation.map(() => 0);
  permutation.forEach((p, i) => { out[p] = i; });
  return out;
};

const permutationOf = (context: RuleContext): readonly number[] => intsAttribute(context.step, "perm") ?? operand(context).shape.map((_, i, all) => all.length - 1 - i);

/** The same entries with axes exchanged; the adjoint exchanges them back. */
export const transpose = linear("Transpose", (context, x) => context.g.transpose(x, permutationOf(context)), (context, y) => context.g.transpose(y, inverse(permutationOf(context))));

/** Broadcasting; the adjoint sums. */
export const expand = linear("Expand", again, (context, y) => context.g.sumTo(y, operand(context).shape), (rows, context) => {
  const { shape } = operand(context);
  const samples = rows.shape[0] ?? 1;
  const aligned = [samples, ...Array.from({ length: rows.shape.length - 1 - shape.length }, () => 1), ...shape];
  return context.g.reshape(context.g.sumTo(rows, aligned), [samples, ...shape]);
});

/** Where a slice lies in its operand: start, step and, for each, the axis. */
interface Part {
  readonly starts: readonly number[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

/** Entries of a spreading matrix, at most. */
const SPREAD_ENTRIES = 2 ** 14;

/**
 * Entries of the last axis set `step` apart as a product with a matrix of zeros and ones, which is exact for finite numbers and, for short axes,
 * ten times as fast as padding single entries.
 */
const spreadLast = (y: Value, start: number, step: number, size: number, g: GraphBuilder): Value => {
  const count = y.shape.at(-1) ?? 1;
  const data = new Float32Array(count * size);
  for (let i = 0; i < count; i++) data[i * size + start + i * step] = 1;
  const places = g.cast(g.constant({ dtype: "float32", shape: [count, size], data }, "spread"), y.dtype);
  const [rows, shape] = [sizeOf(y.shape) / count, [...y.shape.slice(0, -1), size]];
  return g.reshape(g.matMul(g.reshape(y, [rows, count]), places), shape);
};

/** Entries of axis `axis` with step − 1 zeros behind each, the first one at `start` of an axis of `size`; a negative step counts from the end. */
const spreadAxis = (y: Value, axis: number, start: number, step: number, size: number, g: GraphBuilder): Value => {
  const count = y.shape[axis] ?? 0;
  if (count === 0) return g.zerosLike({ ...y, shape: y.shape.map((d, i) => (i === axis ? size : d)) });
  if (axis === y.shape.length - 1 && count * size <= SPREAD_ENTRIES && isFloat(y.dtype)) return spreadLast(y, start, step, size, g);
  const forward = step > 0 ? y : g.op("Slice", [y, g.ints([-1]), g.ints([-1 - count]), g.ints([axis]), g.ints([-1])], y.shape, y.dtype);
  const first = step > 0 ? start : start + (count - 1) * step;
  const stride = Math.abs(step);
  const split = g.reshape(forward, [...y.shape.slice(0, axis + 1), 1, ...y.shape.slice(axis + 1)]);
  const zeros = g.pad(split, split.shape.map(() => 0), split.shape.map((_, i) => (i === axis + 1 ? stride - 1 : 0)));
  const wide = g.reshape(zeros, y.shape.map((d, i) => (i === axis ? d * stride : d)));
  const fitting = g.slice(wide, [0], [Math.min(count * stride, size - first)], [axis]);
  const room = (amount: number): number[] => y.shape.map((_, i) => (i === axis ? amount : 0));
  return g.pad(fitting, room(first), room(size - first - (fitting.shape[axis] ?? 0)));
};

/** A slice put back among zeros: the adjoint of taking it. `lead` axes stand in front of those of `shape`. */
const putSlice = (y: Value, shape: readonly number[], { starts, axes, steps }: Part, lead: number, g: GraphBuilder): Value => {
  const plain = axes.flatMap((axis, i) => (steps[i] === 1 ? [{ axis, start: starts[i] ?? 0 }] : []));
  const before = y.shape.map((_, i) => plain.find(({ axis }) => axis + lead === i)?.start ?? 0);
  const after = y.shape.map((d, i) => (plain.some(({ axis }) => axis + lead === i) ? (shape[i - lead] ?? 0) - (before[i] ?? 0) - d : 0));
  const strided = axes.reduce((value, axis, i) => (steps[i] === 1 ? value : spreadAxis(value, axis + lead, starts[i] ?? 0, steps[i] ?? 1, shape[axis] ?? 0, g)), y);
  return g.pad(strided, before, after);
};

const partOf = (context: RuleContext): Part => {
  const [starts, axes, steps] = [1, 3, 4].map((place) => constant(context, place));
  if (!starts || !axes || !steps) throw new Error("Slice is lowered with all operands");
  return { starts, axes, steps };
};

/** A part of a tensor. The adjoint puts it back among zeros. */
export const slice = linear("Slice", again, (context, y) => putSlice(y, operand(context).shape, partOf(context), 0, context.g), (rows, context) => putSlice(rows, operand(context).shape, partOf(context), 1, context.g));

/** Zero padding; the adjoint cuts the padding off. Negative pads cut, and their adjoint pads. */
export const pad = rule("Pad", {
  kind: "linear",
  jvp: (context) => context.tangents[0] && again({ ...context, inputs: context.inputs.slice(0, 2) }, context.tangents[0]),
  vjp: (context) => {
    const { g, cotangent } = context;
    const x = operand(context);
    const pads = constant(context, 1);
    const rank = x.shape.length;
    const before = pads.slice(0, rank);
    const after = pads.slice(rank);
    const kept = g.slice(cotangent, before.map((b) => Math.max(b, 0)), after.map((a, i) => (cotangent.shape[i] ?? 0) - Math.max(a, 0)), before.map((_, i) => i));
    return [g.pad(kept, before.map((b) => Math.max(-b, 0)), after.map((a) => Math.max(-a, 0)))];
  },
});

/** Tensors joined along an axis; the adjoint cuts them apart. */
export const concat = rule("Concat", {
  kind: "linear",
  jvp: (context) => context.g.concat(context.inputs.map((x, i) => context.tangents[i] ?? context.g.zerosLike(x)), axisOf(context)),
  vjp: (context) => {
    const axis = axisOf(context);
    let start = 0;
    return context.inputs.map((x, i) => {
      const from = start;
      start += x.shape[axis] ?? 0;
      return context.wants[i] === true && context.g.slice(context.cotangent, [from], [start], [axis]);
    });
  },
  lift: (rows, context) => {
    const axis = axisOf(context);
    const from = context.inputs.slice(0, context.place).reduce((sum, x) => sum + (x.shape[axis] ?? 0), 0);
    return context.g.slice(rows, [from], [from + (context.inputs[context.place]?.shape[axis] ?? 0)], [axis + 1]);
  },
});
