import { type Node, describe, intsAttribute } from "../graph.ts";
import type { Trace } from "../trace.ts";
import { normaliseAxis } from "../value.ts";
import type { Pair } from "./affine.ts";

/** Operators whose result is as large as the data say. */
const OF_DATA = new Set(["NonZero", "Unique", "Compress", "NonMaxSuppression", "Range", "ConstantOfShape"]);

/** Operators that round sizes, or cut them off, unless an axis is as long after as before. */
const ROUNDING = new Set([
  "Slice", "Split", "Conv", "ConvInteger", "QLinearConv", "ConvTranspose", "DeformConv", "AveragePool", "MaxPool", "LpPool", "MaxUnpool",
  "Resize", "Upsample", "CenterCropPad", "Col2Im", "STFT",
]);

/** A bound at least this far out means "to the end". */
const OPEN_END = 2 ** 31 - 1;

const shapesOf = ({ values }: Trace, names: readonly string[]): (readonly number[])[] => names.flatMap((name) => (name === "" ? [] : [values.get(name)?.shape ?? []]));

/** Axes of a node's results or of its first operand that follow the batch, and whether each is as long in all of them. */
const followingAxes = (node: Node, { two, three }: Pair): { readonly axis: number; readonly kept: boolean }[] => {
  const names = [node.inputs[0] ?? "", ...node.outputs];
  const [a, b] = [shapesOf(two, names), shapesOf(three, names)];
  const rank = Math.max(...a.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => axis)
    .filter((axis) => a.some((shape, i) => shape[axis] !== b[i]?.[axis]))
    .map((axis) => ({ axis, kept: [a, b].every((shapes) => shapes.every((shape) => shape[axis] === shapes[0]?.[axis])) }));
};

/** Starts, ends or axes of a Slice: an operand, or an attribute before opset 10; undefined where they are data or are left out. */
const sliceNumbers = (node: Node, { values }: Trace, place: number, attribute: string): readonly number[] | undefined => {
  const constant = values.get(node.inputs[place] ?? "")?.constant;
  return constant ? Array.from(constant.data, Number) : intsAttribute(node, attribute);
};

/** Whether a Slice has on an axis a bound that an axis of another size may meet: x[:100] keeps all of a small batch only. */
const mayCut = (node: Node, { two, three }: Pair, axis: number): boolean => {
  const rank = two.values.get(node.inputs[0] ?? "")?.shape.length ?? 0;
  return ["starts", "ends"].some((attribute, i) => {
    const [a, b] = [sliceNumbers(node, two, i + 1, attribute), sliceNumbers(node, three, i + 1, attribute)];
    if (!a || !b) return true;
    const place = (sliceNumbers(node, two, 3, "axes") ?? a.map((_, index) => index)).findIndex((own) => normaliseAxis(own, rank) === axis);
    const bound = a[place];
    return bound !== undefined && bound !== 0 && Math.abs(bound) < OPEN_END && bound === b[place];
  });
};

/**
 * The first node whose sizes at larger batches are not told by those at small ones, in words; null if there is none. Every other operator
 * makes axes that are sums and products of those it reads: on a line if theirs are, or off it at the third size that is tried.
 */
export const unsteadyNode = (pair: Pair): string | null => {
  for (const node of pair.two.nodes) {
    if (node.domain !== "") continue;
    const axes = ROUNDING.has(node.op) ? followingAxes(node, pair) : [];
    if (OF_DATA.has(node.op) || axes.some(({ axis, kept }) => !kept || (node.op === "Slice" && mayCut(node, pair, axis)))) return describe(node);
  }
  return null;
};
