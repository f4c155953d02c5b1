/** Arithmetic mean; NaN of nothing. Cost: O(n). */
export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
};

/**
 * The q-quantile (0 ≤ q ≤ 1) with linear interpolation between order statistics; NaN of nothing. `values` is not changed. Cost: O(n log n).
 * @source Hyndman & Fan 1996, definition 7 (the default of numpy and R).
 */
export const quantile = (values: ArrayLike<number>, q: number): number => {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const position = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (position - below);
};

/** First, lowest, highest and last of the indices from `start` to `end` (exclusive), without repeats, in order. */
const landmarks = (values: ArrayLike<number>, start: number, end: number): number[] => {
  let lowest = start;
  let highest = start;
  for (let i = start + 1; i < end; i++) {
    if ((values[i] ?? NaN) < (values[lowest] ?? NaN)) lowest = i;
    if ((values[i] ?? NaN) > (values[highest] ?? NaN)) highest = i;
  }
  return [...new Set([start, lowest, highest, end - 1])].sort((a, b) => a - b);
};

/**
 * Indices worth drawing of the points (positions[i], values[i]): of every bucket of the axis the first, the lowest, the highest and the
 * last, so that no outlier disappears. `positions` must not fall; they are where the points stand on the axis (its logarithm, for a
 * logarithmic one). All indices when there are no more than `buckets` points. Cost: O(n); at most 4·buckets indices.
 */
export const decimate = (positions: ArrayLike<number>, values: ArrayLike<number>, buckets: number): number[] => {
  const n = positions.length;
  if (n <= buckets) return Array.from({ length: n }, (_, i) => i);
  const first = positions[0] ?? 0;
  const width = ((positions[n - 1] ?? 0) - first) / buckets;
  const bucketOf = (i: number): number => (width > 0 ? Math.min(buckets - 1, Math.floor(((positions[i] ?? 0) - first) / width)) : 0);
  const kept: number[] = [];
  for (let start = 0; start < n; ) {
    const bucket = bucketOf(start);
    let end = start + 1;
    while (end < n && bucketOf(end) === bucket) end++;
    kept.push(...landmarks(values, start, end));
    start = end;
  }
  return kept;
};
