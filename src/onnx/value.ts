import type { DType, Tensor } from "../core/tensor.ts";
import type { Attributes } from "./graph.ts";

/** A value of a program: static shape and type, and its content where it is a constant. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly constant?: Tensor;
}

/** An operand that may be left out. */
export type Operand = Value | undefined;

/** One operator call between values of known shape. */
export interface Step {
  readonly op: string;
  readonly domain: string;
  /** Name of the node of the user's model that this step stands for, for messages and per-layer results. */
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Value[];
  /** Programs that a Scan or Loop runs, by attribute name; they may read values made before this step. */
  readonly bodies?: Readonly<Record<string, Program>>;
}

/**
 * A straight-line computation with every shape known: what is traced, differentiated and written back as ONNX. Steps are in an order in
 * which each value is made before it is used. Constants are the values that carry their content; they need no step.
 */
export interface Program {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly steps: readonly Step[];
}

/** A negative axis counted from the end. */
export const normaliseAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The shape that NumPy broadcasting gives. Shapes come from a traced run or from rules, so a mismatch is a defect: RangeError. */
export const broadcastShape = (...shapes: readonly (readonly number[])[]): number[] => {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const d = shape[axis - rank + shape.length] ?? 1;
      if (d !== 1 && size !== 1 && d !== size) throw new RangeError(`shapes [${shapes.map((s) => s.join(",")).join("] and [")}] do not broadcast`);
      if (d !== 1) size = d;
    }
    return size;
  });
};

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
