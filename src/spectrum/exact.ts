import { symmetricSpectrum, type SpectrumOptions } from "../linalg/eigen.ts";
import { roundingFloor } from "./floor.ts";

/** The spectrum of a Jacobian J [nK, p], with what it says about a few given vectors of R^{nK}. */
export interface ExactSpectrum {
  /** λ_1 ≥ λ_2 ≥ …, [min(nK, p)] or [nK], not negative. */
  readonly singularValues: Float64Array;
  /** For each given vector z: u_sᵀz, in the order of `singularValues`. Of a repeated singular value only the sum of squares is determined. */
  readonly coefficients: readonly Float64Array[];
  /** The leading left singular vectors: u_s at [s·nK, (s + 1)·nK). */
  readonly vectors: Float64Array;
  /** Singular values below this are rounding noise. */
  readonly floor: number;
}

export interface ExactOptions extends Omit<SpectrumOptions, "leading"> {
  /** How many leading left singular vectors to return, or how many of these singular values to return them for; 0 when absent. */
  readonly leading?: number | ((singularValues: Float64Array) => number);
}

/** λ = √max(eigenvalue, 0). */
export const roots = (eigenvalues: Float64Array): Float64Array => eigenvalues.map((value) => Math.sqrt(Math.max(0, value)));

/** A choice made from singular values as one made from the eigenvalues of the Gram matrix. */
export const ofSingularValues = (leading: ExactOptions["leading"] = 0): number | ((eigenvalues: Float64Array) => number) =>
  typeof leading === "number" ? leading : (eigenvalues) => leading(roots(eigenvalues));

/**
 * All singular values of J from its Gram matrix G = JJᵀ [nK, nK] (row-major, upper triangle read, used up; best made by
 * `symmetricStorage`): λ_s = √max(eigenvalue, 0), u_s its eigenvectors. Cost and memory: see `symmetricSpectrum`.
 * @throws LensError NOT_FINITE, MATRIX_TOO_LARGE, NO_CONVERGENCE, CANCELLED.
 */
export const exactSpectrum = async (gram: Float64Array, size: number, vectors: readonly Float64Array[], options: ExactOptions): Promise<ExactSpectrum> => {
  const found = await symmetricSpectrum(gram, size, vectors, { ...options, leading: ofSingularValues(options.leading) });
  const singularValues = roots(found.values);
  return { singularValues, coefficients: found.coefficients, vectors: found.vectors, floor: roundingFloor(singularValues[0] ?? 0, size) };
};
