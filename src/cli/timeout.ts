import { isCancelled, LensError } from "../core/errors.ts";
import type { CommandContext } from "./services.ts";

export const timeoutError = (milliseconds: number): LensError => new LensError("TIMEOUT", `the work was not done after ${milliseconds / 1000} s (--timeout)`, "Give it more time, fewer --samples, or fewer --parameters.");

/**
 * Runs `work` with a signal that is aborted when the context's is, or after `milliseconds` (undefined: never). The deadline is announced, for
 * native code that does not hear the signal.
 * @throws LensError TIMEOUT when the time was up, else what `work` throws.
 */
export const withTimeout = async <T>(milliseconds: number | undefined, { signal, deadline }: Pick<CommandContext, "signal" | "deadline">, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  if (milliseconds === undefined) return work(signal);
  const controller = new AbortController();
  const late = timeoutError(milliseconds);
  const stop = (): void => { controller.abort(); };
  const timer = setTimeout(() => { controller.abort(late); }, milliseconds);
  deadline?.(milliseconds);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await work(controller.signal);
  } catch (error) {
    if (isCancelled(error) && controller.signal.reason === late) throw late;
    throw error;
  } finally {
    clearTimeout(timer);
    deadline?.(null);
    signal.removeEventListener("abort", stop);
  }
};
