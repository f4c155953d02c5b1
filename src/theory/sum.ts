/**
 * Running sums s_r = Σ_{i≤r} t_i with compensation, so that thousands of small energies do not vanish beside the first large one.
 * Returns a new array of the length of `terms`. Cost: O(length).
 * @source Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen".
 */
export const runningSums = (terms: Float64Array): Float64Array => {
  const sums = new Float64Array(terms.length);
  let total = 0;
  let lost = 0;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i]!;
    const next = total + term;
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
    sums[i] = total + lost;
  }
  return sums;
};

/** Σ t_i, compensated; 0 for no terms. */
export const sumOf = (terms: Float64Array): number => runningSums(terms).at(-1) ?? 0;

/** ‖z‖², compensated. */
export const squaredNorm = (z: Float64Array): number => sumOf(z.map((value) => value * value));
