import type { DType, Tensor } from "../core/tensor.ts";

export type ProviderName = "cpu" | "cuda" | "webgpu" | "dml" | "coreml";

/** Why a provider that was tried is not in use. */
export interface Refusal {
  readonly provider: ProviderName;
  readonly reason: string;
}

/** A model ready to run. run() blocks the calling thread inside native code: never call it in the extension host. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element type of each output as the engine infers it; null for one that the program does not hold. */
  readonly outputTypes: Readonly<Record<string, DType | null>>;
  /**
   * Feeds are passed without a copy and must not change while it runs; outputs are fresh buffers owned by the caller.
   * @throws LensError RUNTIME_RUN with ONNX Runtime's own message.
   */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** "none" keeps every node as written (needed while tracing intermediates). Default "all". */
  readonly optimise?: "none" | "all";
}

/** An execution engine for ONNX models with one provider fixed for its lifetime. */
export interface Runtime {
  readonly provider: ProviderName;
  readonly version: string;
  readonly threads: number;
  /**
   * `model` is a serialised ModelProto under 2 GB.
   * @throws LensError RUNTIME_LOAD with ONNX Runtime's own message.
   */
  load(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}
