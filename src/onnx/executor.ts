import type { Capabilities } from "../core/capabilities.ts";
import type { DType, Tensor } from "../core/tensor.ts";

/** A graph that is ready to run. */
export interface LoadedGraph {
  readonly outputTypes: Readonly<Record<string, DType | null>>;
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** How a graph is loaded; see SessionOptions of the runtime. */
export interface LoadOptions {
  readonly optimise?: "none" | "basic";
  readonly place?: "device" | "host";
  readonly purpose?: string;
  readonly recorded?: false;
}

/** Runs a serialised model; what tracing needs of an execution engine. */
export interface Executor {
  /** What graphs for the device may use; absent: everything. */
  readonly capabilities?: Capabilities;
  load(model: Uint8Array, options?: LoadOptions): Promise<LoadedGraph>;
}
