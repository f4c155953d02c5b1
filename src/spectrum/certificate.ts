import { rankAt } from "../core/split.ts";
import type { Triplets } from "./krylov.ts";

/** What the certificates of the triplets need to be known. */
export type Certified = Pick<Triplets, "values" | "certificates" | "rest" | "productError" | "gramError">;

/** r(α) = #{s : λ_s ≥ α}, and what is certain about it. */
export interface RankCertificate {
  /** The count of the computed values. */
  readonly rank: number;
  /** r(α) is at least this … */
  readonly atLeast: number;
  /** … and at most this, except with probability `failure`; null where singular values that were not computed may reach α. */
  readonly atMost: number | null;
  /** r(α) = rank, except with probability `failure`. */
  readonly certified: boolean;
  readonly failure: number;
}

/** How far an error of λ² may move λ. */
const moved = (gramError: number, value: number): number => (gramError === 0 ? 0 : Math.min(Math.sqrt(gramError), gramError / value));

/** √(‖R_u‖² + ‖R_v‖²) of the first `count` triplets, plus the errors of the products: a bound of max(‖R_u‖, ‖R_v‖). */
const residualOf = ({ values, certificates, productError, gramError }: Certified, count: number): number => {
  let sum = 0;
  for (let s = 0; s < count; s++) sum += 2 * Math.max(0, certificates[s]! - productError) ** 2;
  return Math.sqrt(sum) + productError + (count > 0 ? moved(gramError, values[count - 1]!) : 0);
};

/**
 * The count of singular values from α on. J differs from Û·Λ̂·V̂ᵀ ⊕ (I − ÛÛᵀ)·J·(I − V̂V̂ᵀ) by at most ρ = max(‖R_u‖, ‖R_v‖) in norm, so that
 * no singular value not computed reaches α when the bound of the rest plus ρ stays below it; λ̂_s never exceeds λ_s. Cost: O(count).
 * @source derived, from Weyl's and Cauchy's inequalities; [H, Lemma 4.1] in the place of `rest` gives THEORY §9.
 */
export const rankCertificate = (certified: Certified, alpha: number): RankCertificate => {
  const { values, rest, productError, gramError } = certified;
  const reach = residualOf(certified, values.length);
  const atLeast = rankAt(values.map((value) => value - moved(gramError, value)), alpha + productError);
  const closed = rest.bound + reach < alpha;
  const atMost = closed ? rankAt(values, alpha - reach) : null;
  return { rank: rankAt(values, alpha), atLeast, atMost, certified: atLeast === atMost, failure: rest.failure };
};

/**
 * How many of the leading triplets are certain to be those of the largest singular values, in order: λ̂_s above the bound of the rest. For
 * these |λ_s − λ̂_s| ≤ `indexError` by index, except with probability `failure`; those after them are singular values, to their own
 * certificates, which others may stand between.
 */
export const certainLeading = (certified: Certified): { readonly count: number; readonly indexError: number; readonly failure: number } => {
  const indexError = residualOf(certified, certified.values.length);
  return { count: rankAt(certified.values, certified.rest.bound + indexError), indexError, failure: certified.rest.failure };
};

/**
 * For each computed value a bound of |λ_s − λ̂_s| by index, λ_s being the s-th largest of all singular values of J: what error bars show. Holds
 * except with probability `rest.failure`. Owned by the caller. Cost: O(count).
 *
 * With R the rest of J and ρ as above, J is within ρ in norm of D = Û·Λ̂·V̂ᵀ ⊕ R, so that |λ_s(J) − λ_s(D)| ≤ ρ (Weyl). D's singular values are the
 * λ̂ and those of R, hence λ_s(D) ≥ λ̂_s, and λ_s(D) ≤ max(λ̂_s, ‖R‖), for only s − 1 of the λ̂ come before λ̂_s:
 *   λ̂_s − ρ ≤ λ_s ≤ max(λ̂_s, ‖R‖) + ρ.
 * The own certificate c ≤ ρ says that some λ_t is within c of λ̂_s. Where λ̂_{s−1} > λ̂_s + 2ρ and max(λ̂_{s+1}, ‖R‖) < λ̂_s − 2ρ, the line above puts
 * every λ_t with t < s above λ̂_s + ρ and every one with t > s below λ̂_s − ρ: t = s, and c holds by index.
 * @source derived, from Weyl's inequality; THEORY §9.
 */
export const indexErrors = (certified: Certified): Float64Array => {
  const { values, certificates, rest } = certified;
  const reach = residualOf(certified, values.length);
  return values.map((value, s) => {
    const before = s === 0 ? Infinity : values[s - 1]!;
    const after = Math.max(values[s + 1] ?? 0, rest.bound);
    const apart = before - value > 2 * reach && value - after > 2 * reach;
    return apart ? certificates[s]! : reach + Math.max(0, rest.bound - value);
  });
};

/**
 * For r = 1 … count: a bound of |‖Π_I z‖ − ‖Π_Î z‖|/‖z‖ for any z, I the span of the first r left singular vectors and Î that of the computed
 * ones: ‖sin Θ‖ ≤ residual/gap, at most 1, with the gap from λ̂_r down to the largest that λ_{r+1} can be. The same bounds ‖Π_N z‖. Holds
 * except with probability `rest.failure`. Owned by the caller. Cost: O(count²).
 * @source Wedin 1972 (Davis–Kahan for singular vectors); THEORY §9.
 */
export const projectionErrors = (certified: Certified): Float64Array => {
  const { values, rest } = certified;
  const reach = residualOf(certified, values.length);
  return values.map((value, s) => {
    const next = Math.max(values[s + 1] ?? 0, rest.bound) + reach;
    return value > next ? Math.min(1, residualOf(certified, s + 1) / (value - next)) : 1;
  });
};
