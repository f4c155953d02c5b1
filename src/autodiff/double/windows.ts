import { sizeOf } from "../../core/tensor.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import { intAttribute, intsAttribute } from "../../onnx/graph.ts";
import type { Step, Value } from "../../onnx/value.ts";
import { entriesOfWindows } from "../../onnx/windows.ts";
import { geometryOf, offsets, patches } from "../rules/convolution-geometry.ts";

const axesOf = (kernel: readonly number[]): number[] => kernel.map((_, i) => i + 2);

/** A convolution as patches times weight: one product [M, |kernel|·C]·[n, |kernel|·C, T], with groups one for each. */
export const convolution = (step: Step, x: Value, w: Value, y: Value, g: GraphBuilder): Value => {
  const geometry = geometryOf(step, x, y, w.shape.slice(2));
  const [out = 1, perGroup = 1, ...kernel] = w.shape;
  const [samples = 1] = x.shape;
  const { group } = geometry;
  const size = sizeOf(kernel);
  const positions = sizeOf(y.shape.slice(2));
  const order = [0, ...axesOf(kernel), 1];
  const parts = Array.from({ length: group }, (_, k) => {
    const channels = g.slice(x, [k * perGroup], [(k + 1) * perGroup], [1]);
    const filters = g.slice(w, [(k * out) / group], [((k + 1) * out) / group], [0]);
    const columns = g.reshape(patches(channels, y.shape.slice(2), geometry, g), [samples, size * perGroup, positions]);
    return g.matMul(g.reshape(g.transpose(filters, order), [out / group, size * perGroup]), columns);
  });
  return g.reshape(g.concat(parts, 1), y.shape);
};

/** Entries of [N, C, …] set `strides` apart, the first at `begin` (which may lie outside), in a tensor of the given sizes that is zero elsewhere. */
const spread = (x: Value, begin: readonly number[], strides: readonly number[], sizes: readonly number[], g: GraphBuilder): Value => {
  const [samples = 1, channels = 1, ...own] = x.shape;
  const apart = g.reshape(x, [samples, channels, ...own.flatMap((d) => [d, 1])]);
  const gaps = [0, 0, ...strides.flatMap((s) => [0, s - 1])];
  const lengths = own.map((d, i) => d * (strides[i] ?? 1));
  const wide = g.reshape(g.pad(apart, gaps.map(() => 0), gaps), [samples, channels, ...lengths]);
  const kept = lengths.map((length, i) => [Math.max(0, -(begin[i] ?? 0)), Math.min(length, (sizes[i] ?? 0) - (begin[i] ?? 0))] as const);
  if (kept.some(([from, to]) => to <= from)) return g.filled(0, [samples, channels, ...sizes], x.dtype === "float32" ? "float32" : "float64");
  const cut = g.slice(wide, kept.map(([from]) => from), kept.map(([, to]) => to), axesOf(own));
  const before = begin.map((b) => Math.max(0, b));
  const after = sizes.map((size, i) => size - (before[i] ?? 0) - (cut.shape[i + 2] ?? 0));
  return g.pad(cut, [0, 0, ...before], [0, 0, ...after]);
};

/** A transposed convolution: x times each place of the weight, set where that place of the kernel reaches, and summed. */
export const transposedConvolution = (step: Step, x: Value, w: Value, y: Value, g: GraphBuilder): Value => {
  const { kernel, strides, dilations, before, group } = geometryOf(step, y, x, w.shape.slice(2));
  const [samples = 1, channels = 1, ...sizes] = x.shape;
  const perGroup = w.shape[1] ?? 1;
  const parts = Array.from({ length: group }, (_, k) => {
    const [from, to] = [(k * channels) / group, ((k + 1) * channels) / group];
    const flat = g.reshape(g.slice(x, [from], [to], [1]), [samples, channels / group, sizeOf(sizes)]);
    const places = offsets(kernel).map((offset) => {
      const filter = g.slice(g.slice(w, [from], [to], [0]), offset, offset.map((o) => o + 1), axesOf(kernel));
      const own = g.matMul(g.swapLast(g.reshape(filter, [channels / group, perGroup])), flat);
      const begin = offset.map((o, i) => o * (dilations[i] ?? 1) - (before[i] ?? 0));
      return spread(g.reshape(own, [samples, perGroup, ...sizes]), begin, strides, y.shape.slice(2), g);
    });
    return g.sumOf(...places) ?? g.filled(0, y.shape, y.dtype === "float32" ? "float32" : "float64");
  });
  return g.concat(parts, 1);
};

/** The mean of each window: the sum of its patch over the number of its entries, places of the padding among them where they are counted. */
export const averagePool = (step: Step, x: Value, y: Value, g: GraphBuilder): Value => {
  const [sizes, outs] = [x.shape.slice(2), y.shape.slice(2)];
  const geometry = geometryOf(step, x, y, intsAttribute(step, "kernel_shape") ?? []);
  const held = entriesOfWindows(geometry, sizes, outs, intAttribute(step, "count_include_pad", 0) === 1).map((c) => Math.max(1, c));
  return g.div(g.reshape(g.sum(patches(x, outs, geometry, g), [1]), y.shape), g.numbers(held, [1, 1, ...outs], y));
};
