import { throwIfAborted } from "../core/errors.ts";

/** Called between pieces of work; gives other tasks of the thread their turn every 50 ms and ends the work when it was aborted. */
export type Pause = () => Promise<void> | undefined;

const INTERVAL = 50;

/** A pause for one piece of long work. Most calls return at once, without a promise. @throws LensError CANCELLED. */
export const pauses = (signal?: AbortSignal): Pause => {
  let last = performance.now();
  const rest = async (): Promise<void> => {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    throwIfAborted(signal);
    last = performance.now();
  };
  return () => {
    throwIfAborted(signal);
    return performance.now() - last < INTERVAL ? undefined : rest();
  };
};
