import type { OpenNetwork } from "../open-network.ts";
import { productFlops } from "./product-flops.ts";
import { sketchBytes } from "./sizes.ts";

/** Passes of the sketch through J·Jᵀ: one makes the top right to a percent where spectra fall as slowly as networks' do. */
export const SKETCH_POWERS = 1;

/** Blocks of vectors that go through J or Jᵀ: the directions, back and forth for each power, then back; and the certificates' both. */
const VISITS = 4 + 2 * SKETCH_POWERS;

/** Bytes of a slice of rows with its gradients: where each slice adds to vectors over the parameters, few large ones take least. */
export const SKETCH_SLICE_BYTES = 2 ** 29;

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
  /** FLOPs of projecting the rows. */
  readonly projections: number;
  /** Bytes of J. */
  readonly bytes: number;
  /** Bytes left for keeping J between visits. */
  readonly keep: number;
  /** Why, in words. */
  readonly because: string;
}

const counted = (flops: number): string => flops.toExponential(1);

/**
 * Which way takes fewer FLOPs: a product costs the same whatever the parameters are; a row costs as much, but serves all directions, each of which
 * then takes 2·nK·p FLOPs. Networks with few outputs whose weights are used often (convolutions) go by rows. `memory`: bytes that the sketch
 * may take.
 */
export const sketchWay = (open: Pick<OpenNetwork, "network" | "samples" | "precision">, { rows, columns, wanted, directions }: SketchSize, memory: number): SketchWay => {
  const vectors = (VISITS - 2) * directions + 2 * wanted;
  const keep = memory - sketchBytes({ rows, columns, rank: directions }, directions) - SKETCH_SLICE_BYTES;
  const bytes = (open.precision === "double" ? 8 : 4) * rows * columns;
  const visits = bytes <= keep ? 1 : VISITS;
  const each = productFlops(open);
  const projections = 2 * rows * columns * vectors;
  const [products, gradients] = [vectors * each, visits * open.network.outputs * each];
  const common = { vectors, visits, projections, bytes, keep };
  if (keep >= 0 && gradients + projections < products) {
    return { ...common, by: "rows", because: `per-sample gradients of ${open.network.outputs} outputs serve all ${directions} directions: ${counted(gradients)} FLOPs and ${counted(projections)} for projecting them, in place of ${counted(products)} for ${vectors} products` };
  }
  return { ...common, by: "products", because: `${vectors} products take ${counted(products)} FLOPs; ${keep >= 0 ? `per-sample gradients would take ${counted(gradients)}, and projecting them ${counted(projections)}` : "there is no room for per-sample gradients"}` };
};
