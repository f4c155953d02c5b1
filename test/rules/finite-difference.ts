import type { Tensor } from "../../src/core/tensor.ts";
import { widenTensor } from "./double.ts";
import { filledLike, flat, largest, plus } from "./numbers.ts";

/** Runs a graph on named tensors; returns its floating outputs as one vector. */
export type Evaluate = (feeds: Readonly<Record<string, Tensor>>) => Promise<Float64Array>;

/** A directional derivative with the error bar that step halving gives. */
export interface Difference {
  readonly value: Float64Array;
  readonly bar: number;
}

/** Steps relative to the inputs' size: ε^{1/3} is best for smooth functions, smaller ones where there are kinks (THEORY §9). */
const STEPS = { float64: [1e-4, 1e-5, 1e-6], float32: [2e-2, 1e-2, 5e-3, 1e-3, 2e-4] } as const;

const movedBy = (feeds: Readonly<Record<string, Tensor>>, directions: ReadonlyMap<string, Float64Array>, h: number, dtype: "float64" | "float32"): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(feeds).map(([name, tensor]): [string, Tensor] => {
    const like = dtype === "float64" ? widenTensor(tensor) : tensor;
    const direction = directions.get(name);
    return [name, direction ? filledLike(like, plus(flat([tensor]), h, direction)) : like];
  }));

/**
 * Whether a graph of float64 tensors also computes in float64: some operators go through float32 inside, or refuse when they run. Over a
 * step of 1e-7 the second difference of a smooth function is far below the rounding of float32.
 */
export const isDouble = async (evaluate: Evaluate, feeds: Readonly<Record<string, Tensor>>, directions: ReadonlyMap<string, Float64Array>): Promise<boolean> => {
  const at = (h: number): Promise<Float64Array> => evaluate(movedBy(feeds, directions, h, "float64"));
  const middle = await at(0).catch(() => undefined);
  if (!middle) return false;
  const bend = largest(plus(plus(await at(1e-7), -2, middle), 1, await at(-1e-7)));
  return bend <= 1e-10 * Math.max(largest(middle), Number.MIN_VALUE);
};

/**
 * (f(x + hv) − f(x − hv))/2h for the steps of the type, of which the one with the smallest error bar is returned: the largest
 * change when the step is halved.
 */
export const centralDifference = async (evaluate: Evaluate, feeds: Readonly<Record<string, Tensor>>, directions: ReadonlyMap<string, Float64Array>, dtype: "float64" | "float32"): Promise<Difference> => {
  const at = (h: number): Promise<Float64Array> => evaluate(movedBy(feeds, directions, h, dtype));
  const difference = async (h: number): Promise<Float64Array> => plus(await at(h), -1, await at(-h)).map((d) => d / (2 * h));
  let best: Difference | undefined;
  for (const h of STEPS[dtype]) {
    const half = await difference(h / 2);
    const bar = largest(plus(await difference(h), -1, half));
    if (Number.isFinite(bar) && (best === undefined || bar < best.bar)) best = { value: half, bar };
  }
  if (best === undefined) throw new Error("no step gives a finite difference quotient: the point lies at the edge of the operator's domain");
  return best;
};
