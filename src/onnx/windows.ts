import { type AttributeOwner, intsAttribute, stringAttribute } from "./graph.ts";

/** Where the windows of a convolution or pooling lie; one entry per spatial axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first entry and after the last. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** How far the last window reaches past the last entry, by axis; negative where it ends before. */
export const reachOf = ({ kernel, strides, dilations, before }: Omit<Windows, "after">, sizes: readonly number[], outs: readonly number[]): number[] =>
  kernel.map((k, i) => ((outs[i] ?? 1) - 1) * (strides[i] ?? 1) + (k - 1) * (dilations[i] ?? 1) + 1 - (before[i] ?? 0) - (sizes[i] ?? 1));

/** Windows of a node by its attributes, over entries of `sizes`, with results of `outs`. @source ONNX operator specification, Conv. */
export const windowsOf = (node: AttributeOwner, sizes: readonly number[], outs: readonly number[], kernel: readonly number[] = intsAttribute(node, "kernel_shape") ?? []): Windows => {
  const none = kernel.map(() => 0);
  const ones = kernel.map(() => 1);
  const own = { kernel, strides: intsAttribute(node, "strides") ?? ones, dilations: intsAttribute(node, "dilations") ?? ones };
  const mode = stringAttribute(node, "auto_pad", "NOTSET");
  const pads = intsAttribute(node, "pads") ?? [...none, ...none];
  if (mode === "NOTSET") return { ...own, before: pads.slice(0, kernel.length), after: pads.slice(kernel.length) };
  const totals = reachOf({ ...own, before: none }, sizes, outs).map((t) => (mode === "VALID" ? 0 : Math.max(0, t)));
  const small = totals.map((t) => Math.floor(t / 2));
  const large = totals.map((t, i) => t - (small[i] ?? 0));
  return mode === "SAME_LOWER" ? { ...own, before: large, after: small } : { ...own, before: small, after: large };
};

/** Entries that each window holds, by position of the result in order; `counted`: places of the padding too, but none beyond it. */
export const entriesOfWindows = ({ kernel, strides, dilations, before, after }: Windows, sizes: readonly number[], outs: readonly number[], counted: boolean): number[] =>
  outs.reduce<number[]>((all, out, i) => {
    const from = counted ? -(before[i] ?? 0) : 0;
    const to = (sizes[i] ?? 1) + (counted ? (after[i] ?? 0) : 0);
    const along = Array.from({ length: out }, (_, at) => {
      const start = at * (strides[i] ?? 1) - (before[i] ?? 0);
      return Array.from({ length: kernel[i] ?? 1 }, (__, k) => start + k * (dilations[i] ?? 1)).filter((place) => place >= from && place < to).length;
    });
    return all.flatMap((count) => along.map((c) => count * c));
  }, [1]);
