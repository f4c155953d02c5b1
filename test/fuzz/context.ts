import type { Random } from "../../src/core/random.ts";
import { sizeOf } from "../../src/core/tensor.ts";
import type { Maker } from "../families/maker.ts";

/** A value of the graph being made, with the shape of one sample. */
export interface Held {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where a move stands: what it may start from, and what it may draw. */
export interface Context {
  readonly m: Maker;
  readonly draws: Random;
  /** The value to go on from. */
  readonly x: Held;
  /** Another value of the same shape; x itself where there is none. */
  readonly other: Held;
  /** A trained tensor: new, tied with one of the same shape, or made from trained ones. */
  readonly weight: (shape: readonly number[], mean?: number) => string;
}

/** One way for a graph to grow; undefined where it does not fit. */
export interface Move {
  readonly title: string;
  /** Not differentiable everywhere. */
  readonly kinked?: true;
  /** ONNX Runtime's CPU provider has no float64 kernel for it. */
  readonly single?: true;
  readonly make: (context: Context) => Held | undefined;
}

/** Entries of a sample, at most. */
export const LARGEST = 72;

/** A value made, unless it has grown too large. */
export const held = (name: string, shape: readonly number[]): Held | undefined => (sizeOf(shape) <= LARGEST && shape.every((d) => d > 0) ? { name, shape } : undefined);

export const pick = <T>(draws: Random, values: readonly T[]): T => {
  const value = values[draws.integer(values.length)];
  if (value === undefined) throw new Error("something to pick from");
  return value;
};

/** Between low and high, both included. */
export const between = (draws: Random, low: number, high: number): number => low + draws.integer(high - low + 1);

/** An axis of a sample's shape. */
export const anyAxis = ({ draws, x }: Context): number => draws.integer(x.shape.length);
