import type { Capabilities } from "../core/capabilities.ts";
import type { DType, Tensor } from "../core/tensor.ts";

export type ProviderName = "cpu" | "cuda" | "webgpu" | "dml" | "coreml";

/** Why a provider that was tried is not in use. */
export interface Refusal {
  readonly provider: ProviderName;
  /** In ONNX Runtime's own words. */
  readonly reason: string;
  /** What to do about it; null for a reason that is not known. */
  readonly remedy?: string | null;
}

/** The device that a provider computes on. */
export interface Adapter {
  readonly name: string;
  /** Computes on the CPU (SwiftShader, lavapipe): a stand-in for a GPU, not one. */
  readonly software: boolean;
}

/** A model ready to run. run() blocks the calling thread inside native code: never call it in the extension host. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element type of each output as the engine infers it; null for one that the program does not hold. */
  readonly outputTypes: Readonly<Record<string, DType | null>>;
  /**
   * Feeds are passed without a copy and must not change while it runs; outputs are fresh buffers owned by the caller.
   * @throws LensError RUNTIME_RUN with ONNX Runtime's own message; RUNTIME_MEMORY where the device has no room; RUNTIME_FALLBACK where a
   *   node ran on the CPU and that was forbidden.
   */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** "none" keeps every node as written (needed while tracing intermediates). Default "basic": further optimisations double the time to load and run no faster (measured). */
  readonly optimise?: "none" | "basic";
  /** "host" runs on the CPU provider whatever the runtime's own is: tracing, and float64 sums, which few providers have. Default "device". */
  readonly place?: "device" | "host";
  /** What a graph placed on the host computes, in words, for the record; absent for one that is not part of the result (tracing). */
  readonly purpose?: string;
  /** Leaves a graph on the device out of the record: it measures, and is no part of the result. */
  readonly recorded?: false;
}

/** A node that ran on the CPU though another provider was asked for. */
export interface FallbackNode {
  readonly name: string;
  readonly operator: string;
}

/** Which provider ran what, by ONNX Runtime's own profile of the first run of each graph. Plain JSON data. */
export interface Proof {
  /** Nodes by execution provider as ONNX Runtime names them, over the graphs that were placed on the device; null before the first run. */
  readonly nodes: Readonly<Record<string, number>> | null;
  /** Copies between device and CPU inside those graphs, one for each value. */
  readonly copies: number;
  /** Nodes of those graphs that ran on the CPU: how many, and the first of them by name. */
  readonly fallback: { readonly count: number; readonly nodes: readonly FallbackNode[] };
  /** What was computed on the CPU on purpose, in words. */
  readonly host: readonly string[];
}

/** An execution engine for ONNX models with one provider fixed for its lifetime. */
export interface Runtime {
  readonly provider: ProviderName;
  readonly version: string;
  readonly threads: number;
  readonly capabilities: Capabilities;
  /**
   * `model` is a serialised ModelProto under 2 GB.
   * @throws LensError RUNTIME_LOAD with ONNX Runtime's own message; RUNTIME_MEMORY where the device has no room.
   */
  load(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  /** What ran where so far. */
  proof(): Proof;
}

export interface RuntimeOptions {
  /** Number of the GPU, from 0. */
  readonly deviceId?: number;
  /** Refuses graphs of which a node would run on the CPU. */
  readonly strict?: boolean;
}
