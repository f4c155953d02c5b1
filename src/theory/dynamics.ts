import { nuisanceEnergy, pseudoInverseEnergy } from "./energy.ts";
import { squaredNorm, sumOf } from "./sum.ts";
import type { Projected } from "./spectrum.ts";

/** ηλ², with η = 1/λ² giving exactly 1: a last digit above it would make fractional powers of a negative number. */
const rateOf = (value: number, learningRate: number): number => {
  const rate = learningRate * value * value;
  return Math.abs(rate - 1) <= 4 * Number.EPSILON ? 1 : rate;
};

/** (1 − ηλ²)^τ. @throws RangeError for a broken τ where ηλ² > 1, which has no value. */
const decay = (value: number, learningRate: number, steps: number): number => {
  const rate = rateOf(value, learningRate);
  if (rate > 1 && !Number.isInteger(steps)) throw new RangeError(`${steps} steps with ηλ² = ${rate} > 1`);
  // log1p keeps the digits of slow modes (ηλ² ≪ 1) over many steps.
  return rate < 1 ? Math.exp(steps * Math.log1p(-rate)) : (1 - rate) ** steps;
};

/** 1 − (1 − ηλ²)^τ without cancellation for small ηλ². */
const progress = (value: number, learningRate: number, steps: number): number => {
  const rate = rateOf(value, learningRate);
  return rate < 1 ? -Math.expm1(steps * Math.log1p(-rate)) : 1 - decay(value, learningRate, steps);
};

/**
 * Coefficients u_sᵀr̃_τ = (1 − ηλ_s²)^τ a_s of the linearised residual after τ steps of gradient descent on ½‖r‖². `coefficients` a = Uᵀr_0 may be
 * longer than `singularValues`: what lies beyond is in the null space of Jᵀ and does not move. Owned by the caller. Cost: O(nK).
 * @throws RangeError for a broken number of steps where ηλ² > 1.
 * @source Oymak et al. 2019, Cor 6.6.
 */
export const linearisedResidual = (singularValues: Float64Array, coefficients: Float64Array, learningRate: number, steps: number): Float64Array =>
  coefficients.map((a, s) => (s < singularValues.length ? a * decay(singularValues[s]!, learningRate, steps) : a));

/**
 * Coefficients v_sᵀ(θ̃_τ − θ_0) = −a_s(1 − (1 − ηλ_s²)^τ)/λ_s of the linearised movement; 0 where λ_s = 0. Owned by the caller. Cost: O(count).
 * @source Oymak et al. 2019, Cor 6.6.
 */
export const linearisedMovement = (singularValues: Float64Array, coefficients: Float64Array, learningRate: number, steps: number): Float64Array =>
  singularValues.map((value, s) => (value > 0 ? (-coefficients[s]! * progress(value, learningRate, steps)) / value : 0));

/** What the linear model predicts of the residual after τ steps, over ‖r_0‖² (squared shares; they need not add to 1). */
export interface PredictedShares {
  /** ‖Π_I r̃_τ‖²/‖r_0‖² */
  readonly information: number;
  /** ‖Π_N r̃_τ‖²/‖r_0‖² */
  readonly nuisance: number;
}

/** Predicted energies of the residual after τ steps, split at `rank`; zeros for r_0 = 0. Cost: O(nK). @source Oymak et al. 2019, Cor 6.6. */
export const predictedShares = (singularValues: Float64Array, residual: Projected, rank: number, learningRate: number, steps: number): PredictedShares => {
  const total = squaredNorm(residual.vector);
  if (total === 0) return { information: 0, nuisance: 0 };
  const later = linearisedResidual(singularValues, residual.coefficients, learningRate, steps);
  const unseen = residual.coefficients.length === residual.vector.length ? 0 : nuisanceEnergy(residual, residual.coefficients.length);
  return {
    information: squaredNorm(later.subarray(0, rank)) / total,
    nuisance: (squaredNorm(later.subarray(rank)) + unseen) / total,
  };
};

/** T = Γ/(ηα²), steps; not rounded. @source Oymak et al. 2019, Thm 5.3. */
export const stoppingTime = (gamma: number, learningRate: number, alpha: number): number => gamma / (learningRate * alpha * alpha);

/** Γ/(ηλ_s²): steps until mode s has shrunk by about e^{−Γ}; Infinity where λ_s = 0. Owned by the caller. @source derived from Oymak et al. 2019, Cor 6.6. */
export const timesToFit = (singularValues: Float64Array, gamma: number, learningRate: number): Float64Array =>
  singularValues.map((value) => gamma / (learningRate * value * value));

/** How far gradient descent moves until it is stopped early. */
export interface EarlyStopping {
  /** D = √(‖J_I†r_0‖² + (Γ²/α⁴)‖JᵀΠ_N r_0‖²): ‖θ̃_T − θ_0‖ ≤ D at T = Γ/(ηα²). */
  readonly distance: number;
  /** B_{α,Γ} = αD. */
  readonly value: number;
  /** ‖J_I†r_0‖ + (Γ/α)‖Π_N r_0‖, the printed form, never below D. */
  readonly bracket: number;
  /** ‖J_I†r_0‖ and (Γ/α²)‖JᵀΠ_N r_0‖, the two parts of D. */
  readonly information: number;
  readonly nuisance: number;
}

/**
 * Early-stopping distance for the first `rank` directions, λ_rank ≥ α ≥ λ_{rank+1}. Exact. Cost: O(nK).
 * @source Oymak et al. 2019, Def 6.1 and Cor 6.6.
 */
export const earlyStopping = (singularValues: Float64Array, residual: Projected, rank: number, alpha: number, gamma: number): EarlyStopping => {
  const { coefficients } = residual;
  const information = Math.sqrt(pseudoInverseEnergy(singularValues, coefficients, rank));
  const pulls = singularValues.subarray(rank).map((value, s) => (value * coefficients[rank + s]!) ** 2);
  const nuisance = (gamma / (alpha * alpha)) * Math.sqrt(sumOf(pulls));
  const distance = Math.hypot(information, nuisance);
  return {
    distance,
    value: alpha * distance,
    bracket: information + (gamma / alpha) * Math.sqrt(nuisanceEnergy(residual, rank)),
    information,
    nuisance,
  };
};
