import type { ProviderName } from "../runtime/session.ts";
import type { CutoffRule } from "../theory/cutoff.ts";
import type { Loss } from "../theory/learning-rate.ts";

export type { CutoffRule, Loss };

export type MethodName = "gram" | "rows" | "krylov" | "sketch" | "finite-difference";

/**
 * What a user asks for. Absent fields take their defaults in `withDefaults`; the result carries the filled request, from which the
 * same numbers can be made again without VS Code.
 */
export interface AnalysisRequest {
  /** Path of the .onnx file. */
  readonly model: string;
  /** Path of the data file. */
  readonly data: string;
  readonly x?: string;
  readonly y?: string;
  readonly samples?: number;
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly batch?: number;
  /** Globs over parameter names; a leading "!" excludes. Empty: the default choice of DESIGN §4. */
  readonly parameters?: readonly string[];
  /** Takes equal tensors that the exporter merged as one parameter; otherwise each name is a parameter of its own. */
  readonly keepTied?: boolean;
  readonly loss?: Loss;
  readonly method?: MethodName | "auto";
  readonly precision?: "single" | "double";
  readonly provider?: ProviderName | "auto";
  /** Number of the GPU, from 0; for providers that take one. */
  readonly deviceId?: number;
  /** Refuses graphs of which the provider leaves a node to the CPU. */
  readonly strictProvider?: boolean;
  readonly cutoff?: CutoffRule;
  readonly learningRate?: number;
  readonly gamma?: number;
  readonly delta?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Also return the Gram matrix JJᵀ itself (float64, [n·K, n·K]). */
  readonly gram?: boolean;
}
