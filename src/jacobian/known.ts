import type { ProductRounding } from "./product-rounding.ts";
import type { Target } from "./tiles.ts";

/**
 * What is known from before: everything about the first `samples` samples, which `place` writes (matrix: upper triangle). Tiles of two such
 * samples are left out; their factors are collected again, since the tiles of an old and a new sample need both.
 */
export interface Known {
  readonly samples: number;
  readonly place: (target: Omit<Target, "rounding">, outputs: Float64Array) => void;
  /** Of their products; see `Gram`. */
  readonly rounding: ProductRounding | null;
}
