import type { OpenNetwork } from "../open-network.ts";
import { productFlops } from "./product-flops.ts";
import { SLICE_BYTES, sketchBytes } from "./sizes.ts";

/** Passes of the sketch through J·Jᵀ: one makes the top right to a percent where spectra fall as slowly as networks' do. */
export const SKETCH_POWERS = 1;

/** Blocks of vectors that go through J or Jᵀ: the directions, back and forth for each power, then back; and the certificates' both. */
const VISITS = 4 + 2 * SKETCH_POWERS;

/** How many of ONNX Runtime's float32 FLOPs take the time of one in float64 in the kernels, which have one thread (measured: 10 to 40). */
const KERNEL_WEIGHT = 16;

/** The largest piece of one WebAssembly memory, less what is beside the vectors. */
const ARENA_BYTES = 2 ** 32 - 2 ** 26;

export interface SketchSize {
  readonly rows: number;
  readonly columns: number;
  readonly wanted: number;
  readonly directions: number;
}

/** How directions go through J: vector by vector in products, or all of them at once through per-sample gradients. */
export interface SketchWay {
  readonly by: "products" | "rows";
  /** Vectors that J or Jᵀ is applied to. */
  readonly vectors: number;
  /** Visits of the rows: passes over the samples with a gradient for each output. */
  readonly visits: number;
  /** FLOPs of projecting the rows, in the kernels. */
  readonly projections: number;
  /** Bytes left for keeping J between visits. */
  readonly keep: number;
  /** Why, in words. */
  readonly because: string;
}

const counted = (flops: number): string => flops.toExponential(1);

/**
 * Which way takes fewer FLOPs, those of the kernels weighed by how slow they are: a product costs the same whatever the parameters are, a row costs
 * one as well but serves all directions, each of which then takes 2·nK·p FLOPs. Networks with few outputs whose weights are used often
 * (convolutions) go by rows. `memory`: bytes that the sketch may take.
 */
export const sketchWay = (open: Pick<OpenNetwork, "network" | "samples">, { rows, columns, wanted, directions }: SketchSize, memory: number): SketchWay => {
  const vectors = (VISITS - 2) * directions + 2 * wanted;
  const keep = memory - sketchBytes({ rows, columns, rank: directions }, directions) - SLICE_BYTES;
  const visits = 4 * rows * columns <= keep ? 1 : VISITS;
  const each = productFlops(open);
  const projections = 2 * rows * columns * vectors;
  const [products, gradients] = [vectors * each, visits * open.network.outputs * each];
  const fits = keep >= 0 && 8 * (rows + columns) * directions <= ARENA_BYTES;
  const fewer = gradients + KERNEL_WEIGHT * projections < products;
  const common = { vectors, visits, projections, keep };
  if (fits && fewer) return { ...common, by: "rows", because: `per-sample gradients of ${open.network.outputs} outputs serve all ${directions} directions: ${counted(gradients)} FLOPs and ${counted(projections)} for projecting them, in place of ${counted(products)} for ${vectors} products` };
  return { ...common, by: "products", because: `${vectors} products take ${counted(products)} FLOPs; ${fits ? `per-sample gradients would take ${counted(gradients)}, and projecting them ${counted(projections)} on one thread` : "there is no room for per-sample gradients"}` };
};
