/** How long the event loop was held, in milliseconds. */
export interface LoopReport {
  /** The longest time between two ticks of a 5 ms timer. */
  readonly longestGap: number;
  /**
   * The most processor time this process used in one such gap. A gap without it is the machine giving the processor to others (the worker
   * computes on all cores), during which nothing here could have blocked.
   */
  readonly longestBlock: number;
  readonly ticks: number;
}

/** Watches the event loop of this process from now until the returned function is called. */
export const watchLoop = (): (() => LoopReport) => {
  let last = performance.now();
  let usage = process.cpuUsage();
  let [longestGap, longestBlock, ticks] = [0, 0, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(usage);
    const gap = now - last;
    longestGap = Math.max(longestGap, gap);
    longestBlock = Math.max(longestBlock, Math.min(gap, (user + system) / 1000));
    ticks += 1;
    last = now;
    usage = process.cpuUsage();
  }, 5);
  return () => {
    clearInterval(timer);
    return { longestGap, longestBlock, ticks };
  };
};

const QUIET = { block: 15, during: 1000, latest: 30_000 } as const;

/** Waits until the host has stopped loading its own extensions, which holds this process's event loop for up to 100 ms at a time. */
export const hostIsQuiet = async (): Promise<void> => {
  const end = Date.now() + QUIET.latest;
  for (;;) {
    const stop = watchLoop();
    await new Promise((later) => setTimeout(later, QUIET.during));
    if (stop().longestBlock < QUIET.block || Date.now() > end) return;
  }
};
