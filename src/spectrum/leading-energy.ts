import { matrixProduct } from "../linalg/matrix-product.ts";
import { type Certified, projectionErrors } from "./certificate.ts";
import type { Triplets } from "./krylov.ts";

/** What one vector z has in the leading directions. */
export interface LeadingEnergy {
  /** ‖z‖. */
  readonly norm: number;
  /** û_sᵀz, [count]. */
  readonly coefficients: Float64Array;
  /** ‖Π_{Î_r} z‖²/‖z‖² for r = 1 … count; 0 for z = 0. */
  readonly cumulative: Float64Array;
  /** ‖z‖² − ‖Π_Î z‖² for all of the directions: the energy that lies beyond them, the null space of Jᵀ included. */
  readonly tail: number;
}

/** Energies of several vectors, and the one set of error bars that holds for all of them. */
export interface LeadingEnergies {
  readonly vectors: readonly LeadingEnergy[];
  /** For r = 1 … count: ‖Π_I z‖/‖z‖ and ‖Π_N z‖/‖z‖ are right to this. See `projectionErrors`. */
  readonly errors: Float64Array;
}

const energyOf = (z: Float64Array, coefficients: Float64Array): LeadingEnergy => {
  const total = z.reduce((sum, x) => sum + x * x, 0);
  let sum = 0;
  const sums = coefficients.map((c) => (sum += c * c));
  return { norm: Math.sqrt(total), coefficients, cumulative: sums.map((x) => (total === 0 ? 0 : Math.min(1, x / total))), tail: Math.max(0, total - sum) };
};

/**
 * Coefficients and energies of each z [rows] on the leading left singular vectors, with error bars. Cost: 2·rows·count FLOPs for each.
 * @source THEORY §2, §9. @throws RangeError when lengths do not fit.
 */
export const leadingEnergies = (triplets: Pick<Triplets, "rows" | "left"> & Certified, vectors: readonly Float64Array[]): LeadingEnergies => {
  const { rows, left, values } = triplets;
  return {
    vectors: vectors.map((z) => energyOf(z, matrixProduct(left, z, values.length, rows, 1))),
    errors: projectionErrors(triplets),
  };
};
