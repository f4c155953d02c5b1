import type { DType, Tensor } from "../core/tensor.ts";

/** A graph that is ready to run. */
export interface LoadedGraph {
  readonly outputTypes: Readonly<Record<string, DType | null>>;
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Runs a serialised model; what tracing needs of an execution engine. */
export interface Executor {
  load(model: Uint8Array, options?: { readonly optimise?: "none" | "all" }): Promise<LoadedGraph>;
}
