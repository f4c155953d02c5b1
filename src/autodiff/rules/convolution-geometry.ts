import { sizeOf } from "../../core/tensor.ts";
import type { GraphBuilder } from "../../onnx/builder.ts";
import { intAttribute } from "../../onnx/graph.ts";
import type { Step, Value } from "../../onnx/value.ts";
import { reachOf, type Windows, windowsOf } from "../../onnx/windows.ts";

/** Where the windows of a convolution or pooling lie, and in how many groups its channels are. */
export interface Geometry extends Windows {
  readonly group: number;
}

/** Geometry of a step from its attributes and shapes; x [N, C, …], y [N, M, …]. */
export const geometryOf = (step: Step, x: Value, y: Value, kernel: readonly number[]): Geometry =>
  ({ ...windowsOf(step, x.shape.slice(2), y.shape.slice(2), kernel), group: intAttribute(step, "group", 1) });

/**
 * Attributes of the ConvTranspose that takes the windows' results, of sizes `outs`, back to where the windows lie in a tensor of sizes
 * `sizes`: pads as the windows really reach, output_padding for the rows that the stride left over.
 */
export const transposedAttributes = ({ group, ...windows }: Geometry, sizes: readonly number[], outs: readonly number[]) => {
  const { kernel, strides, dilations, before } = windows;
  const reach = reachOf(windows, sizes, outs);
  return { strides, dilations, group, pads: [...before, ...reach.map((r) => Math.max(0, r))], kernel_shape: kernel, output_padding: reach.map((r) => Math.max(0, -r)) };
};

/** All offsets inside a kernel, last axis fastest. */
export const offsets = (kernel: readonly number[]): number[][] => kernel.reduce<number[][]>((all, k) => all.flatMap((head) => Array.from({ length: k }, (_, i) => [...head, i])), [[]]);

/**
 * The patches under the kernel: x [N, C, …] → [N, |kernel|, C, T], T the positions of the result in order. Written as Pad, Slice and
 * Concat, which is the fastest form on ONNX Runtime's CPU provider, an axis after the other: Σ k slices instead of Π k. Cost: a little over
 * N·|kernel|·C·T moved values, no FLOPs.
 */
export const patches = (x: Value, out: readonly number[], { kernel, strides, dilations, before, after }: Geometry, g: GraphBuilder): Value => {
  const [samples = 1, channels = 1] = x.shape;
  const padded = g.pad(x, [0, 0, ...before], [0, 0, ...after]);
  const all = kernel.reduceRight((value, size, i) => {
    const [stride, dilation, length] = [strides[i] ?? 1, dilations[i] ?? 1, out[i] ?? 1];
    const parts = Array.from({ length: size }, (_, o) => g.slice(value, [o * dilation], [o * dilation + (length - 1) * stride + 1], [i + 2], [stride]));
    return g.concat(parts, 1);
  }, padded);
  return g.reshape(all, [samples, sizeOf(kernel), channels, sizeOf(out)]);
};
