import { isCancelled, LensError } from "../core/errors.ts";

/**
 * Runs `work` with a signal that is aborted when `signal` is, or after `milliseconds` (undefined: never).
 * @throws LensError TIMEOUT when the time was up, else what `work` throws.
 */
export const withTimeout = async <T>(milliseconds: number | undefined, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  if (milliseconds === undefined) return work(signal);
  const controller = new AbortController();
  const late = new LensError("TIMEOUT", `the work was not done after ${milliseconds / 1000} s (--timeout)`, "Give it more time, fewer --samples, or fewer --parameters.");
  const stop = (): void => { controller.abort(); };
  const timer = setTimeout(() => { controller.abort(late); }, milliseconds);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await work(controller.signal);
  } catch (error) {
    if (isCancelled(error) && controller.signal.reason === late) throw late;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
};
