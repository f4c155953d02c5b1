import type { Tensor } from "../core/tensor.ts";

/** One array of a data file: what it is without reading it, and its rows on demand. */
export interface ArraySource {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Tensor["dtype"];
  /** Rows [from, to) along axis 0 as a tensor of shape [to − from, ...]. */
  read(from: number, to: number): Promise<Tensor>;
}

/** An open data file: its arrays by name, in file order. */
export interface DataFile {
  readonly path: string;
  readonly format: string;
  readonly arrays: readonly ArraySource[];
  /** SHA-256 of the file, hexadecimal; computed when first asked for. */
  sha256(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Inputs and labels of an analysis, fully in memory (issue of larger data: rows on demand through ArraySource).
 * x: [n, ...]. y: either class labels (integers 0 … K−1, length n) or targets [n·K], sample-major (i·K + k).
 */
export interface Dataset {
  readonly path: string;
  readonly sha256: string;
  readonly x: Tensor;
  readonly y: Labels | null;
}

export type Labels =
  | { readonly kind: "classes"; readonly values: Int32Array; readonly name: string; readonly dtype: Tensor["dtype"]; readonly shape: readonly number[] }
  | { readonly kind: "targets"; readonly values: Float64Array; readonly name: string; readonly dtype: Tensor["dtype"]; readonly shape: readonly number[] };

/** Which part of a data file to take. */
export interface Selection {
  readonly x?: string;
  readonly y?: string;
  /** First `samples` rows, or that many drawn by `seed` when `shuffle` is set. Default: all. */
  readonly samples?: number;
  readonly shuffle?: boolean;
  readonly seed: number;
}
