import { intsAttribute } from "../../onnx/graph.ts";
import { sizeOf } from "../../core/tensor.ts";
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

/**
 * A part of a tensor. The adjoint puts it back among zeros: by padding where the steps are 1, by scattering where they are not.
 */
export const slice = linear("Slice", again, (context, y) => {
  const { g } = context;
  const x = operand(context);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((place) => constant(context, place));
  if (!starts || !ends || !axes || !steps) throw new Error("Slice is lowered with all operands");
  if (steps.every((s) => s === 1)) {
    const before = x.shape.map(() => 0);
    axes.forEach((axis, i) => { before[axis] = starts[i] ?? 0; });
    return g.pad(y, before, x.shape.map((d, i) => d - (before[i] ?? 0) - (y.shape[i] ?? 0)));
  }
  // Where each entry of the slice came from, as flat positions: known now, so one scatter with constant indices does it.
  const index = sliceIndices(x.shape, y.shape, starts, axes, steps);
  const flat = g.op("ScatterElements", [g.zerosLike(g.reshape(x, [sizeOf(x.shape)])), g.constant({ dtype: "int64", shape: [index.length], data: index }, "slice"), g.reshape(y, [index.length])], [sizeOf(x.shape)], y.dtype, { axis: 0 });
  return g.reshape(flat, x.shape);
}, (rows, context) => {
  const x = operand(context);
  const [starts, axes, steps] = [1, 3, 4].map((place) => constant(context, place));
  if (!starts || !axes || steps?.every((s) => s === 1) !== true) return undefined;
  const before = [0, ...x.shape.map((_, i) => (axes.includes(i) ? (starts[axes.indexOf(i)] ?? 0) : 0))];
  return context.g.pad(rows, before, [0, ...x.shape.map((d, i) => d - (before[i + 1] ?? 0) - (rows.shape[i + 1] ?? 0))]);
});

const sliceIndices = (from: readonly number[], to: readonly number[], starts: readonly number[], axes: readonly number[], steps: readonly number[]): BigInt64Array => {
  const out = new BigInt64Array(sizeOf(to));
  const strides = from.map((_, i) => from.slice(i + 1).reduce((a, b) => a * b, 1));
  for (let k = 0; k < out.length; k++) {
    let rest = k;
    let position = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const size = to[axis] ?? 1;
      const place = axes.indexOf(axis);
      const at = rest % size;
      rest = (rest - at) / size;
      position += (place < 0 ? at : (starts[place] ?? 0) + at * (steps[place] ?? 1)) * (strides[axis] ?? 1);
    }
    out[k] = BigInt(position);
  }
  return out;
};

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
