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

/** The part [from, to] of a larger progress, itself reported as 0 … 1. */
export const part = (report: Progress, from: number, to: number): Progress => (fraction, label) => {
  report(from + (to - from) * fraction, label);
};
