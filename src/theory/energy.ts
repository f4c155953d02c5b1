import { type SplitErrors, splitErrors } from "../core/split.ts";
import { runningSums, squaredNorm } from "./sum.ts";
import type { ClassEnergy } from "./class-energy.ts";
import type { Projected } from "./spectrum.ts";

/**
 * Energy of one vector z ∈ R^{nK} in the information and the nuisance space. THEORY §2.
 * `information` and `nuisance` are ‖Πz‖/‖z‖ (not squared), `pseudoInverse` is ‖J_I†z‖/‖z‖,
 * `cumulative[r − 1]` = ‖Π_{I_r} z‖²/‖z‖² for r = 1 … number of singular values. A zero vector has norm and shares 0.
 */
export interface Energy {
  readonly norm: number;
  readonly information: number;
  readonly nuisance: number;
  readonly pseudoInverse: number;
  readonly cumulative: readonly number[];
  /** `information` and `nuisance` are right to these; null where the directions come without a bound, absent in results of earlier versions. */
  readonly errors?: SplitErrors | null;
  /** Per class c: the shares for the part of z that belongs to samples labelled c; null without labels. */
  readonly perClass: readonly ClassEnergy[] | null;
}

/** C(r) = Σ_{s≤r} a_s²/‖z‖² for r = 1 … count, never falling, never above 1; zeros for z = 0. Owned by the caller. */
export const cumulativeShares = ({ vector, coefficients }: Projected, count: number): Float64Array => {
  const total = squaredNorm(vector);
  if (coefficients.length < count) throw new RangeError(`${coefficients.length} coefficients for ${count} singular values`);
  if (total === 0) return new Float64Array(count);
  const sums = runningSums(coefficients.subarray(0, count).map((a) => a * a));
  let highest = 0;
  return sums.map((sum) => (highest = Math.max(highest, Math.min(1, sum / total))));
};

/**
 * ‖Π_N z‖²: what the first `rank` directions leave. From the remaining coefficients where all nK are known, which keeps its digits
 * when nearly nothing is left; from ‖z‖² otherwise, since the rest then lies in the null space of Jᵀ unseen.
 */
export const nuisanceEnergy = ({ vector, coefficients }: Projected, rank: number): number => {
  const squares = coefficients.map((a) => a * a);
  if (coefficients.length === vector.length) return runningSums(squares.subarray(rank)).at(-1) ?? 0;
  return Math.max(0, squaredNorm(vector) - (runningSums(squares.subarray(0, rank)).at(-1) ?? 0));
};

/** ‖J_I†z‖² = Σ_{s≤rank} (u_sᵀz)²/λ_s²; directions with λ_s = 0 have no inverse and are left out. @source Oymak et al. 2019, Def. 2.1. */
export const pseudoInverseEnergy = (singularValues: Float64Array, coefficients: Float64Array, rank: number): number => {
  const terms = singularValues.subarray(0, rank).map((value, s) => (value > 0 ? (coefficients[s]! / value) ** 2 : 0));
  return runningSums(terms).at(-1) ?? 0;
};

/**
 * The energies of z for the information space of the first `rank` directions, which are right to an angle of that `sine`; null: to an unknown
 * one. `singularValues` descending. Cost: O(nK).
 * @throws RangeError when there are fewer coefficients than singular values.
 * @source Oymak et al. 2019, Def. 2.1 and Tables 1–3.
 */
export const energyOf = (singularValues: Float64Array, z: Projected, rank: number, perClass: readonly ClassEnergy[] | null = null, sine: number | null = null): Energy => {
  const cumulative = cumulativeShares(z, singularValues.length);
  const total = squaredNorm(z.vector);
  const share = (energy: number): number => (total === 0 ? 0 : Math.sqrt(energy / total));
  const information = Math.sqrt(rank > 0 ? cumulative[rank - 1] ?? 0 : 0);
  const nuisance = Math.min(1, share(nuisanceEnergy(z, rank)));
  return {
    norm: Math.sqrt(total),
    information,
    nuisance,
    errors: sine === null ? null : splitErrors({ information, nuisance }, total === 0 ? 0 : sine),
    pseudoInverse: share(pseudoInverseEnergy(singularValues, z.coefficients, rank)),
    cumulative: Array.from(cumulative),
    perClass,
  };
};
