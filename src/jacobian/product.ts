import type { Value } from "../onnx/value.ts";

/** The type that rows of a Jacobian are multiplied in. Products are added up in float64 in either case. */
export type ProductType = "float32" | "float64";

/** A block's part of a tile. */
export interface Product {
  /** In float64, as the tile's layout cuts it. */
  readonly pieces: readonly Value[];
  /** What products in float32 did to the entries of the sampled rows with one another, [count, count]; null where none were. */
  readonly rounding: Value | null;
}
