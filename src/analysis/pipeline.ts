import type { Analysis, AnalysisContext } from "./context.ts";
import type { AnalysisRequest } from "./request.ts";

/**
 * The one pipeline that every front end calls: reads model and data, computes the Jacobian's Gram matrix and spectrum, and evaluates
 * the split. Runs native code that blocks its thread: call it in a worker process or a command line only.
 * @throws LensError; the codes are listed in the README.
 */
export const analyse = async (request: AnalysisRequest, context: AnalysisContext): Promise<Analysis> => {
  await Promise.resolve();
  throw new Error(`being written: ${request.model} ${String(context.signal?.aborted)}`);
};
