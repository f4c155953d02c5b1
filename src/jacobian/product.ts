import type { Value } from "../onnx/value.ts";

/** The type that rows of a Jacobian are multiplied in. Products are added up in float64 in either case. */
export type ProductType = "float32" | "float64";

/** A block's part of a tile. */
export interface Product {
  /** In float64, as the tile's layout cuts it. */
  readonly pieces: readonly Value[];
  /** Where rows were multiplied in float32: in float64, the entries of the sampled ones with one another, [count, count]; else null. */
  readonly exact: Value | null;
}
