import type { SampleAxis } from "../autodiff/factor.ts";
import { sizeOf } from "../core/tensor.ts";
import { intAttribute } from "../onnx/graph.ts";
import { normaliseAxis, type Step, type Value } from "../onnx/value.ts";
import { isView } from "./cost/step-cost.ts";

/** Where the samples lie in each value that has them along one axis, by name. */
export type SampleAxes = ReadonlyMap<string, SampleAxis>;

/** What is written alike for two batch sizes. */
interface Sized {
  readonly inputs: readonly Value[];
  readonly steps: readonly Step[];
  readonly batch: number;
}

/** An axis whose size grows with the batch, and how many entries it has for each sample. */
interface Growing {
  readonly axis: number;
  readonly multiple: number;
}

/** The one axis that differs between two batch sizes. */
const growing = (x: Value, y: Value | undefined, batchX: number, batchY: number): Growing | undefined => {
  if (x.shape.length !== y?.shape.length) return undefined;
  const differing = x.shape.flatMap((d, axis) => (d === y.shape[axis] ? [] : [axis]));
  const [axis] = differing;
  if (axis === undefined || differing.length > 1) return undefined;
  const multiple = (x.shape[axis] ?? 0) / batchX;
  return Number.isInteger(multiple) && (y.shape[axis] ?? 0) === multiple * batchY ? { axis, multiple } : undefined;
};

/** How many entries stand before one another's samples: those of the axes in front, and those outside of the samples on their own. */
const before = (value: Value, { axis, outer }: SampleAxis): number => sizeOf(value.shape.slice(0, axis)) * outer;

/** A view leaves every entry where it is: as many stand outside of the samples as did. */
const ofView = (x: Value, from: SampleAxis, y: Value, { axis, multiple }: Growing): SampleAxis | undefined => {
  const outer = before(x, from) / sizeOf(y.shape.slice(0, axis));
  const inner = multiple / outer;
  return Number.isInteger(outer) && Number.isInteger(inner) ? { axis, outer, inner } : undefined;
};

interface Operand {
  readonly value: Value;
  readonly where: SampleAxis;
}

const same = (a: SampleAxis, b: SampleAxis): boolean => a.outer === b.outer && a.inner === b.inner;

/** All samples one time after the other, along their axis: what tells the times apart lies outside. */
const ofConcat = (operands: readonly Operand[], count: number, axis: number): SampleAxis | undefined => {
  const inner = operands[0]?.where.inner ?? 1;
  if (operands.length !== count || !operands.every(({ where }) => where.axis === axis && where.inner === inner)) return undefined;
  return { axis, outer: operands.reduce((sum, { where }) => sum + where.outer, 0), inner };
};

/** Whole copies of all samples, cut out along their axis from `start` on. */
const ofCut = ({ value, where }: Operand, start: number, { axis, multiple }: Growing): SampleAxis | undefined => {
  const { outer, inner } = where;
  const whole = (value.shape[where.axis] ?? 0) / outer;
  return where.axis === axis && multiple % inner === 0 && start % whole === 0 ? { axis, outer: multiple / inner, inner } : undefined;
};

const constantInts = (value: Value | undefined): readonly number[] | undefined => value?.constant && Array.from(value.constant.data as ArrayLike<number | bigint>, Number);

/** Where a result of a Split or a Slice along the samples' axis begins; undefined where that is not along it by whole steps. */
const startOf = (step: Step, place: number, axis: number): number | undefined => {
  const rank = step.inputs[0]?.shape.length ?? 1;
  if (step.op === "Split") {
    if (normaliseAxis(intAttribute(step, "axis", 0), rank) !== axis) return undefined;
    return step.outputs.slice(0, place).reduce((sum, output) => sum + (output.shape[axis] ?? 0), 0);
  }
  const [, starts, , axes, steps] = step.inputs;
  const [from, along, by] = [constantInts(starts), constantInts(axes), steps ? constantInts(steps) : []];
  const at = along?.findIndex((own) => normaliseAxis(own, rank) === axis) ?? -1;
  if (!from || !by || at < 0 || (by[at] ?? 1) !== 1) return undefined;
  const start = from[at] ?? 0;
  return start < 0 ? start + (step.inputs[0]?.shape[axis] ?? 0) : start;
};

/** Where the samples lie in a result that has several entries for each along one axis; undefined where that is not known. */
const derived = (step: Step, place: number, y: Value, found: Growing, axes: SampleAxes): SampleAxis | undefined => {
  const operands = step.inputs.flatMap((value): Operand[] => {
    const where = value && axes.get(value.name);
    return value && where ? [{ value, where }] : [];
  });
  const [first] = operands;
  if (!first) return undefined;
  if (isView(step)) return ofView(first.value, first.where, y, found);
  if (step.op === "Concat") {
    const axis = normaliseAxis(intAttribute(step, "axis", 0), y.shape.length);
    if (axis === found.axis) return ofConcat(operands, step.inputs.length, axis);
  }
  if (step.op === "Tile") {
    const copies = found.multiple / (first.where.outer * first.where.inner);
    return first.where.axis === found.axis && Number.isInteger(copies) ? { axis: found.axis, outer: copies * first.where.outer, inner: first.where.inner } : undefined;
  }
  if (step.op === "Split" || step.op === "Slice") {
    const start = startOf(step, place, found.axis);
    if (start !== undefined) return ofCut(first, start, found);
  }
  const alike = operands.filter(({ where }) => where.outer * where.inner === found.multiple);
  const [own] = alike;
  return own && alike.every(({ where }) => same(where, own.where)) ? { axis: found.axis, outer: own.where.outer, inner: own.where.inner } : undefined;
};

/**
 * Where the samples lie in the values of one model, from two programs that are written alike for different batch sizes: along the one axis
 * whose size grows with the batch. Where that axis has several entries for each sample, whether they lie inside of the samples or outside
 * follows from the steps: [n·T] and [T·n] look alike. A value of which that is not known is not in the result. Cost: linear in the steps.
 */
export const sampleAxes = (a: Sized, b: Sized): SampleAxes => {
  const axes = new Map<string, SampleAxis>();
  a.inputs.forEach((input, i) => {
    const found = growing(input, b.inputs[i], a.batch, b.batch);
    if (found) axes.set(input.name, { axis: found.axis, outer: 1, inner: found.multiple });
  });
  a.steps.forEach((step, at) => {
    const other = b.steps[at];
    if (other?.op !== step.op) return;
    step.outputs.forEach((output, place) => {
      const found = growing(output, other.outputs[place], a.batch, b.batch);
      const where = found && (found.multiple === 1 ? { axis: found.axis, outer: 1, inner: 1 } : derived(step, place, output, found, axes));
      if (where) axes.set(output.name, where);
    });
  });
  return axes;
};
