/** A moment by the clock and by this process's processor time, both in milliseconds. */
const moment = (): { readonly clock: number; readonly processor: number } => {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1000 };
};

/** Time that a piece of work took: a machine that is busy with other things stretches the clock's, not the processor's. */
export interface Duration {
  readonly clock: number;
  readonly processor: number;
}

/** Measures from now until the returned function is called. */
export const stopwatch = (): (() => Duration) => {
  const begin = moment();
  return () => {
    const end = moment();
    return { clock: end.clock - begin.clock, processor: end.processor - begin.processor };
  };
};

/** Started where the extension's code begins to run; imported first, so that loading everything else is measured too. */
export const loadTime = stopwatch();
