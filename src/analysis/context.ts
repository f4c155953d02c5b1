import type { Progress } from "../core/progress.ts";
import type { CacheOptions } from "./cache/folder-store.ts";
import type { RuntimeSource } from "./choose-runtime.ts";
import type { AnalysisResult } from "./result.ts";

/** What a front end gives an analysis beside the request: where to report, and how to be stopped. */
export interface AnalysisContext {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Where Gram matrices are kept for later analyses of the same network; absent or of 0 bytes: nowhere. */
  readonly cache?: CacheOptions;
  /** The script that is started to try a provider (it answers PROBE_ARGUMENT); without one `auto` is the CPU, and a provider named is not tried first. */
  readonly entry?: string;
  /** Where engines come from; default: those of this computer. */
  readonly runtimes?: RuntimeSource;
}

/** One finished analysis. */
export interface Analysis {
  readonly result: AnalysisResult;
  /** JJᵀ, [n·K, n·K], row-major, when the request asked for it; owned by the caller. */
  readonly gram: Float64Array | null;
}
