import { intAttribute, intsAttribute, stringAttribute } from "../../onnx/graph.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Step, Value } from "../../onnx/value.ts";

/** Where the windows of a convolution or pooling lie; one entry per spatial axis. */
export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly group: number;
}

/** Total padding that `auto_pad` asks for, split as it says; VALID pads nothing. */
const automatic = (mode: string, sizes: readonly number[], outs: readonly number[], strides: readonly number[], extents: readonly number[]): [number[], number[]] => {
  const totals = sizes.map((size, i) => (mode === "VALID" ? 0 : Math.max(0, ((outs[i] ?? 1) - 1) * (strides[i] ?? 1) + (extents[i] ?? 1) - size)));
  const small = totals.map((t) => Math.floor(t / 2));
  const large = totals.map((t, i) => t - (small[i] ?? 0));
  return mode === "SAME_LOWER" ? [large, small] : [small, large];
};

/** Geometry of a step from its attributes and shapes; x [N, C, …], y [N, M, …]. @source ONNX operator specification, Conv. */
export const geometryOf = (step: Step, x: Value, y: Value, kernel: readonly number[]): Geometry => {
  const rank = kernel.length;
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(step, "strides") ?? ones;
  const dilations = intsAttribute(step, "dilations") ?? ones;
  const extents = kernel.map((k, i) => (k - 1) * (dilations[i] ?? 1) + 1);
  const mode = stringAttribute(step, "auto_pad", "NOTSET");
  const pads = intsAttribute(step, "pads") ?? Array.from({ length: 2 * rank }, () => 0);
  const [before, after] = mode === "NOTSET" ? [pads.slice(0, rank), pads.slice(rank)] : automatic(mode, x.shape.slice(2), y.shape.slice(2), strides, extents);
  return { kernel, strides, dilations, before, after, group: intAttribute(step, "group", 1) };
};

/**
 * Attributes of the ConvTranspose that takes the windows' results, of sizes `outs`, back to where the windows lie in a tensor of sizes
 * `sizes`: pads as the windows really reach, output_padding for the rows that the stride left over.
 */
export const transposedAttributes = ({ kernel, strides, dilations, before, group }: Geometry, sizes: readonly number[], outs: readonly number[]) => {
  const reach = kernel.map((k, i) => ((outs[i] ?? 1) - 1) * (strides[i] ?? 1) + (k - 1) * (dilations[i] ?? 1) + 1 - (before[i] ?? 0) - (sizes[i] ?? 1));
  return { strides, dilations, group, pads: [...before, ...reach.map((r) => Math.max(0, r))], kernel_shape: kernel, output_padding: reach.map((r) => Math.max(0, -r)) };
};

/** All offsets inside a kernel, last axis fastest. */
export const offsets = (kernel: readonly number[]): number[][] => kernel.reduce<number[][]>((all, k) => all.flatMap((head) => Array.from({ length: k }, (_, i) => [...head, i])), [[]]);

/**
 * The patches under the kernel: x [N, C, …] → [N, |kernel|, C, T], T the positions of the result in order. Written as Pad, Slice and
 * Concat, which is the fastest form on ONNX Runtime's CPU provider. Cost: N·|kernel|·C·T moved values, no FLOPs.
 */
export const patches = (x: Value, out: readonly number[], { kernel, strides, dilations, before, after }: Geometry, g: GraphBuilder): Value => {
  const [samples = 1, channels = 1] = x.shape;
  const padded = g.pad(x, [0, 0, ...before], [0, 0, ...after]);
  const axes = kernel.map((_, i) => i + 2);
  const positions = out.reduce((a, b) => a * b, 1);
  const parts = offsets(kernel).map((offset) => {
    const starts = offset.map((o, i) => o * (dilations[i] ?? 1));
    const ends = starts.map((s, i) => s + ((out[i] ?? 1) - 1) * (strides[i] ?? 1) + 1);
    return g.reshape(g.slice(padded, starts, ends, axes, strides), [samples, 1, channels, positions]);
  });
  return g.concat(parts, 1);
};
