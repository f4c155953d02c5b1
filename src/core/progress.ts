/** Work done so far: fraction in [0, 1], never falling, and what is being done, with numbers ("Gram tile 14/105"). */
export type Progress = (fraction: number, label: string) => void;

export const silent: Progress = () => undefined;

/** Passes on at most ten reports a second, never a falling fraction, and always the last one (fraction 1). */
export const throttled = (report: Progress, now: () => number = () => performance.now(), interval = 100): Progress => {
  let last = -Infinity;
  let highest = 0;
  return (fraction, label) => {
    highest = Math.max(highest, Math.min(1, fraction));
    const time = now();
    if (highest < 1 && time - last < interval) return;
    last = time;
    report(highest, label);
  };
};

/**
 * Shares a progress out by cost (FLOPs, bytes: any unit): each of the returned ones reports its own part of the work as 0 … 1, in any order and
 * also in turns, and the whole is Σ cost·fraction / Σ cost. Parts that cost nothing count nothing; if all do, they count alike.
 */
export const weighted = (report: Progress, costs: readonly number[]): Progress[] => {
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const done = costs.map(() => 0);
  return costs.map((cost, i) => (fraction, label) => {
    done[i] = (total > 0 ? cost / total : 1 / costs.length) * fraction;
    report(done.reduce((sum, value) => sum + value, 0), label);
  });
};

/** The part [from, to] of a larger progress, itself reported as 0 … 1. */
export const part = (report: Progress, from: number, to: number): Progress => (fraction, label) => {
  report(from + (to - from) * fraction, label);
};
