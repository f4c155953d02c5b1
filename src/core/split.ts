/**
 * The split of a vector's energy at a rank, from its cumulative squared shares: used by the pipeline and, while the cut-off is dragged,
 * by the panel.
 */
export interface SplitShares {
  /** ‖Π_I z‖/‖z‖ */
  readonly information: number;
  /** ‖Π_N z‖/‖z‖ */
  readonly nuisance: number;
  /** ‖J_I†z‖/‖z‖ */
  readonly pseudoInverse: number;
}

/**
 * Shares of z for the information space of the first `rank` left singular vectors; rank 0 gives an empty information space.
 * `singularValues` descending, `cumulative[r − 1]` = ‖Π_{I_r} z‖²/‖z‖². Cost: O(rank).
 * @source Oymak et al. 2019, Def. 2.1 and Tables 1–3.
 */
export const splitAt = (singularValues: ArrayLike<number>, cumulative: ArrayLike<number>, rank: number): SplitShares => {
  let inverse = 0;
  for (let s = 0; s < rank; s++) {
    const share = (cumulative[s] ?? 0) - (s > 0 ? cumulative[s - 1] ?? 0 : 0);
    const value = singularValues[s] ?? 0;
    if (share > 0 && value > 0) inverse += share / (value * value);
  }
  const information = rank > 0 ? cumulative[rank - 1] ?? 1 : 0;
  return {
    information: Math.sqrt(Math.max(0, information)),
    nuisance: Math.sqrt(Math.max(0, 1 - information)),
    pseudoInverse: Math.sqrt(inverse),
  };
};

/** How far the two shares of a split may be from those of the true spaces. */
export interface SplitErrors {
  readonly information: number;
  readonly nuisance: number;
}

/**
 * The errors of a vector's shares when the information space is turned against the true one of the same dimension by an angle whose sine is at
 * most `sine`: ‖Π_I z‖ lies between cos·‖Π_Î z‖ − sin·‖Π_N̂ z‖ and ‖Π_Î z‖ + sin·‖Π_N̂ z‖, and ‖Π_N z‖ likewise; neither moves by more than the sine.
 * @source derived, from ‖Π_I(1 − Π_Î)‖ = sin Θ; THEORY §9.
 */
export const splitErrors = ({ information, nuisance }: Pick<SplitShares, "information" | "nuisance">, sine: number): SplitErrors => {
  const lost = 1 - Math.sqrt(Math.max(0, 1 - sine * sine));
  const moved = (own: number, other: number): number => Math.min(sine, sine * other + lost * own, Math.max(own, 1 - own));
  return { information: moved(information, nuisance), nuisance: moved(nuisance, information) };
};

/** r(α) = #{s : λ_s ≥ α} of descending values. */
export const rankAt = (singularValues: ArrayLike<number>, alpha: number): number => {
  let low = 0;
  let high = singularValues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((singularValues[middle] ?? 0) >= alpha) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** λ_r/λ_{r+1}: near 1 the split is ill-conditioned. Null at the ends and where λ_{r+1} is zero. */
export const gapAt = (singularValues: ArrayLike<number>, rank: number): number | null => {
  const next = singularValues[rank];
  const last = singularValues[rank - 1];
  return next === undefined || last === undefined || next === 0 ? null : last / next;
};

/**
 * The rank r with the largest gap λ_r/λ_{r+1} of descending values; λ_{r+1} counts as at least `floor`, so that rounding noise never makes
 * a gap while a drop into the noise does. Ranks from 1 to one less than the number of values (1 when there is one value or none above the
 * floor). Cost: O(n). THEORY §2, §9.
 */
export const largestGapRank = (singularValues: ArrayLike<number>, floor: number): number => {
  let best = 1;
  let widest = 0;
  for (let r = 1; r < singularValues.length; r++) {
    const value = singularValues[r - 1] ?? 0;
    if (value <= floor) break;
    const gap = value / Math.max(singularValues[r] ?? 0, floor, Number.MIN_VALUE);
    if (gap > widest) [best, widest] = [r, gap];
  }
  return best;
};
