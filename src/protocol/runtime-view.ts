import type { AnalysisResult } from "../analysis/result.ts";
import type { DeviceUse } from "../analysis/device-use.ts";
import type { Adapter, Proof, Refusal } from "../runtime/session.ts";

/** What ran where, as far as the result says; null is not known. */
export interface RuntimeView {
  readonly provider: string;
  readonly adapter: Adapter | null;
  /** Of the device, when the analysis began, with the batches sized by it. */
  readonly memory: DeviceUse | null;
  /** Nodes by execution provider as ONNX Runtime names them. */
  readonly nodes: Proof["nodes"];
  /** Values copied between device and CPU. */
  readonly copies: number | null;
  /** The nodes that ran on the CPU though another provider was in use: how many, and the first of them by name. */
  readonly fallback: Proof["fallback"] | null;
  /** What was computed on the CPU on purpose, in words. */
  readonly host: readonly string[];
  readonly tf32: boolean | null;
  readonly refused: readonly Refusal[];
  readonly precision: "single" | "double";
  readonly onnxruntime: string;
}

/** The runtime's part of a result, of this or an earlier version. */
export const runtimeViewOf = ({ provider, adapter, memory, nodes, copies, fallback, host, tf32, refused, precision, onnxruntime }: AnalysisResult["runtime"]): RuntimeView =>
  ({ provider, adapter: adapter ?? null, memory: memory ?? null, nodes, copies: copies ?? null, fallback: fallback ?? null, host: host ?? [], tf32: tf32 ?? null, refused, precision, onnxruntime });
