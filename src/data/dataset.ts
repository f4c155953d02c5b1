import type { LensError } from "../core/errors.ts";
import type { DType, Tensor } from "../core/tensor.ts";

/** One array of a data file: what it is without reading it, and its rows on demand. */
export interface ArraySource {
  readonly name: string;
  readonly shape: readonly number[];
  /** The type that `read` delivers; float16 in the file is float32 here. */
  readonly dtype: DType;
  /** Rows [from, to) along axis 0 as a tensor of shape [to − from, ...], owned by the caller. A 0-d array has the one row [0, 1). */
  read(from: number, to: number): Promise<Tensor>;
}

/** An array of a data file that cannot be used (pickled objects, text, damaged), and why. */
export interface SkippedArray {
  readonly name: string;
  readonly reason: LensError;
}

/** An open data file: its arrays by name, in file order. */
export interface DataFile {
  readonly path: string;
  readonly format: string;
  readonly arrays: readonly ArraySource[];
  readonly skipped: readonly SkippedArray[];
  /** SHA-256 of the file, hexadecimal; computed when first asked for. */
  sha256(): Promise<string>;
  close(): Promise<void>;
}

/** The label array as the file has it. What it means is decided by `resolveLabels`, when the number of outputs K is known. */
export interface RawLabels {
  readonly name: string;
  /** [n], [n, 1], [n, m] …; n rows like x. */
  readonly tensor: Tensor;
}

/** The chosen rows of x and y, in memory, before the model has told its number of outputs. */
export interface RawDataset {
  readonly path: string;
  readonly sha256: string;
  /** The name of the array that x was read from. */
  readonly xName: string;
  /** [n, ...] */
  readonly x: Tensor;
  readonly y: RawLabels | null;
  /** rows[i]: row of the file that sample i is. */
  readonly rows: Uint32Array;
}

/**
 * Inputs and labels of an analysis, fully in memory (larger data: rows on demand through ArraySource).
 * x: [n, ...]. y: either class labels (integers 0 … K−1, length n) or targets [n·K], sample-major (i·K + k).
 */
export interface Dataset extends Omit<RawDataset, "y"> {
  readonly y: Labels | null;
}

/** `dtype` and `shape` are those of the array in the file (of the chosen rows). */
export type Labels =
  | { readonly kind: "classes"; readonly values: Int32Array; readonly name: string; readonly dtype: DType; readonly shape: readonly number[] }
  | { readonly kind: "targets"; readonly values: Float64Array; readonly name: string; readonly dtype: DType; readonly shape: readonly number[] };

/** Which part of a data file to take. */
export interface Selection {
  readonly x?: string;
  readonly y?: string;
  /** First `samples` rows, or that many drawn by `seed` when `shuffle` is set. Default: all. */
  readonly samples?: number;
  readonly shuffle?: boolean;
  readonly seed: number;
}
