import type { Progress } from "../core/progress.ts";
import type { CacheOptions } from "./cache/folder-store.ts";
import type { AnalysisResult } from "./result.ts";

/** What a front end gives an analysis beside the request: where to report, and how to be stopped. */
export interface AnalysisContext {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Where Gram matrices are kept for later analyses of the same network; absent or of 0 bytes: nowhere. */
  readonly cache?: CacheOptions;
}

/** One finished analysis. */
export interface Analysis {
  readonly result: AnalysisResult;
  /** JJᵀ, [n·K, n·K], row-major, when the request asked for it; owned by the caller. */
  readonly gram: Float64Array | null;
}
