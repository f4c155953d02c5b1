import { rowNorms, type RowNorms } from "../../jacobian/row-norms.ts";
import type { LinearOperator } from "../../linalg/operator.ts";
import { estimateSquaredNorm, knownSquaredNorm, type SquaredNorm } from "../../spectrum/trace-estimate.ts";
import { cotangentsOf } from "../cotangents.ts";
import { exactNames } from "../open-network.ts";
import type { BlockShare, MethodContext } from "./decomposition.ts";
import { gramProgram } from "./plain-gram.ts";

/** ‖J‖_F² and what each parameter holds of it; null where it was estimated. */
export interface NormOfJacobian {
  readonly total: SquaredNorm;
  readonly blocks: readonly BlockShare[] | null;
}

/** How many passes over the samples, one for each output, are worth an exact norm: about as many as the estimates take. */
export const MOST_PASSES = 128;

/** Whether passes for an exact norm are few beside a sketch of so many vectors: at most half of them. */
export const worthPasses = (open: Pick<MethodContext["open"], "network">, vectors: number): boolean => open.network.outputs <= Math.min(MOST_PASSES, vectors / 2);

/** Relative difference between two ways of computing the norm of one row of float32 gradients. */
const TOLERANCE = 1e-4;

/** Relative error of a sum of squares of float32 gradients, each right to a few units in the last place. */
const ROUNDING = 2 ** -20;

/**
 * Whether a row of the first batch has the norm of the gradient that a reverse product gives: false for models that number the rows of their
 * batch. The last output of the sample in the middle: what puts rows in another order leaves the first and the last of all where they are.
 */
const agrees = async ({ open, products, request, signal }: MethodContext, { rows }: RowNorms): Promise<boolean> => {
  if (request.loss !== "l2") return true;
  const { batch, outputs } = open.network;
  const samples = Math.min(open.samples, batch);
  const row = (Math.floor(samples / 2) + 1) * outputs - 1;
  const unit = new Float64Array(samples * outputs);
  unit[row] = 1;
  const gradient = await products.vjp(open.weights, { batches: open.batches, samples, signal }, unit);
  const squared = gradient.reduce((sum, part) => sum + part.reduce((own, value) => own + value * value, 0), 0);
  return Math.abs(squared - (rows[row] ?? 0)) <= TOLERANCE * Math.max(squared, rows[row] ?? 0);
};

/** ‖J‖_F² of the squared norms of the parameters' columns. */
export const normOfBlocks = (blocks: readonly BlockShare[], products: number): NormOfJacobian => {
  const value = blocks.reduce((sum, block) => sum + block.squaredNorm, 0);
  return { total: { ...knownSquaredNorm(value, ROUNDING * value), products }, blocks };
};

/** ‖J‖_F² exactly, from per-sample gradient norms. Cost: K reverse passes over the samples. @throws LensError RUNTIME_LOAD, RUNTIME_RUN, CANCELLED. */
export const exactNorm = async (context: MethodContext): Promise<NormOfJacobian> => {
  const { open, request, signal } = context;
  const take = async (most: number): Promise<RowNorms> =>
    rowNorms({ executor: open.runtime, program: await gramProgram(context, most), weights: open.weights, batches: open.batches, cotangents: cotangentsOf(request.loss), samples: open.samples, signal });
  const together = await take(Infinity);
  const found = (await agrees(context, together)) ? together : await take(1);
  return normOfBlocks(found.blocks, found.products);
};

/**
 * ‖J‖_F² exactly where there are few outputs; else by probes, with its interval. Cost: K reverse passes over the samples, or the probes'.
 * @throws LensError RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export const normOf = async (context: MethodContext, operator: LinearOperator): Promise<NormOfJacobian> => {
  const { open, request, signal } = context;
  if (open.network.outputs <= MOST_PASSES && exactNames(open).size > 0) return exactNorm(context);
  return { total: await estimateSquaredNorm(operator, { seed: request.seed, ...(signal ? { signal } : {}) }), blocks: null };
};
