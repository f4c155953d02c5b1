import { type LoweringContext, lowering, need, numbersOf } from "../lowering.ts";
import { normaliseAxis, type Operand } from "../value.ts";

/** Every operator that only gives its operand another shape becomes one Reshape to the traced shape. */
const reshaping = (op: string) => lowering(op, (context) => {
  const [out] = context.outputs;
  return out ? [context.g.reshape(need(context, 0), out.shape)] : [];
});

export const reshapes = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"].map(reshaping);

/** Hands its operand on. */
export const identity = lowering("Identity", (context): readonly Operand[] => [need(context, 0)]);

/** Slice with non-negative starts and ends and all axes named; attributes up to opset 9. */
export const slice = lowering("Slice", (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const starts = numbersAny(context, 1, "starts");
  const ends = numbersAny(context, 2, "ends");
  const axes = (optionalAny(context, 3, "axes") ?? starts.map((_, i) => i)).map((axis) => normaliseAxis(axis, x.shape.length));
  const steps = optionalAny(context, 4, "steps") ?? starts.map(() => 1);
  const [out] = context.outputs;
  const bounds = axes.map((axis, i) => bound(starts[i] ?? 0, ends[i] ?? 0, steps[i] ?? 1, x.shape[axis] ?? 0));
  return [g.op("Slice", [x, g.ints(bounds.map((b) => b.start)), g.ints(bounds.map((b) => b.end)), g.ints(axes), g.ints(steps)], out?.shape ?? [], x.dtype, { }), ...(node.outputs.length > 1 ? [undefined] : [])];
});

/** int64 operands saturate here: an open end is written 2⁶³ − 1. */
const saturated = (context: LoweringContext, place: number): number[] | undefined => {
  const tensor = context.inputs[place]?.constant;
  if (tensor === undefined) return numbersOf(context, place);
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
};

const optionalAny = (context: LoweringContext, place: number, attribute: string): number[] | undefined => {
  const held = context.node.attributes[attribute];
  return held?.type === "ints" ? held.value.map(Number) : saturated(context, place);
};

const numbersAny = (context: LoweringContext, place: number, attribute: string): number[] => optionalAny(context, place, attribute) ?? [];

/** Start and end of a slice brought into range, as the specification says; −1 − size stands for "before the first" with a negative step. */
const bound = (start: number, end: number, step: number, size: number): { start: number; end: number } => {
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  if (step > 0) return { start: Math.min(Math.max(from, 0), size), end: Math.min(Math.max(to, 0), size) };
  const last = Math.min(Math.max(to, -1), size - 1);
  return { start: Math.min(Math.max(from, 0), size - 1), end: last < 0 ? -1 - size : last };
};
