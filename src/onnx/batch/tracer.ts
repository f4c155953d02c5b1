import { LensError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Executor } from "../executor.ts";
import type { Model } from "../graph.ts";
import { hasControl } from "../rewrite/control/resolve.ts";
import { openTracer, type Trace, type TracedValue, type Tracer } from "../trace.ts";
import { isEven, type Pair, sameTrace, shapeAt } from "./affine.ts";
import { type BatchConstants, openConstants } from "./constants.ts";
import { unsteadyNode } from "./unsteady.ts";

/** The batch size at which what two and three samples tell is held against a run. */
const PROOF = 5;

/** Traces of one model at any batch size. */
export interface BatchTracer {
  /** The trace of a batch. Traces share what they hold, and are not to be written to. @throws LensError as `Tracer.trace`. */
  at(batch: number): Promise<Trace>;
  dispose(): Promise<void>;
}

interface Derivation {
  /** Null where it cannot be told. */
  at(batch: number): Promise<Trace | null>;
  dispose(): Promise<void>;
}

const derivedFrom = ({ two, three }: Pair, constants: BatchConstants): Derivation => ({
  async at(batch) {
    const known = await constants.at(batch);
    if (!known) return null;
    const values = new Map<string, TracedValue>();
    for (const [name, value] of two.values) {
      const shape = shapeAt(value, three.values.get(name) ?? value, batch);
      const constant = known.get(name) ?? value.constant;
      if (constant && constant.shape.join() !== shape.join()) return null;
      values.set(name, { ...value, shape, ...(constant ? { constant } : {}) });
    }
    return { ...two, values };
  },
  dispose: () => constants.dispose(),
});

/** `make`; null where the engine fails at it. */
const orNull = async <T>(make: () => Promise<T>): Promise<T | null> => {
  try {
    return await make();
  } catch (error) {
    if (error instanceof LensError && error.code.startsWith("RUNTIME_")) return null;
    throw error;
  }
};

/** How to tell traces from those of two and three samples, where a run of five agrees with what they tell; else null. */
const prove = async (executor: Executor, pair: Pair, traceProof: () => Promise<Trace>): Promise<Derivation | null> => {
  if (!isEven(pair) || unsteadyNode(pair) !== null) return null;
  const constants = await openConstants(executor, pair);
  if (!constants) return null;
  const derivation = derivedFrom(pair, constants);
  const told = await orNull(() => derivation.at(PROOF));
  const real = told && (await orNull(traceProof));
  if (real && sameTrace(told, real)) return derivation;
  await derivation.dispose();
  return null;
};

/** `make`, called once at most. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/**
 * Loads a model for tracing at several batch sizes. A run of a large batch costs what computing it costs, so batches above five are not
 * run where small ones tell what it would: each axis lies on the line through its sizes at two and three samples; constants that follow the
 * batch (a Reshape target, the numbers of the rows) are computed by the engine from the shapes that they follow. This is used where
 *   – the model has no control flow, whose resolution depends on the batch;
 *   – no operator cuts off or rounds an axis that follows the batch, or sizes its result by the data (`unsteadyNode`);
 *   – a run of five samples has the shapes, types and constants that are told for it; and
 *   – at the size that is asked for, whole numbers that shapes may be made of are still on their lines: Min(batch, 64) is not, from 65 on.
 * Else the batch is run. Not caught is an operator outside of the standard set whose sizes are on one line up to five samples and leave it
 * later: the engine then meets an array of another shape than the derivative graphs are written for and refuses it, or the check of J·v and
 * Jᵀ·u or of the Gram matrix fails.
 * `feedsAt`: the graph's inputs for a number of samples. Cost: one unoptimised session, and above five samples once three small runs.
 * @throws LensError as `openTracer`.
 */
export const openBatchTracer = async (executor: Executor, model: Model, parameters: ReadonlySet<string>, feedsAt: (batch: number) => Readonly<Record<string, Tensor>>): Promise<BatchTracer> => {
  const tracer: Tracer = await openTracer(executor, model, parameters);
  const run = (batch: number): Promise<Trace> => tracer.trace(feedsAt(batch));
  if (hasControl(model)) return { at: run, dispose: () => tracer.dispose() };
  const two = once(() => run(2));
  const three = once(() => run(3));
  const derivation = once(() => orNull(async () => prove(executor, { two: await two(), three: await three() }, () => run(PROOF))));
  let started = false;
  return {
    async at(batch) {
      if (batch === 2) return two();
      if (batch === 3) return three();
      if (batch <= PROOF) return run(batch);
      started = true;
      const proved = await derivation();
      return (proved && (await orNull(() => proved.at(batch)))) ?? run(batch);
    },
    async dispose() {
      if (started) await (await derivation().catch(() => null))?.dispose();
      await tracer.dispose();
    },
  };
};
