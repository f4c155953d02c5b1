import { roundingFloor } from "./floor.ts";

/** Error bars of a spectrum that came from a dense Gram matrix. */
export interface ExactCertificate {
  /** |λ̂_s − λ_s| is at most this, for each s. */
  readonly errors: Float64Array;
  /** For r = 1 …: | ‖Π_I z‖ − ‖Π_Î z‖ |/‖z‖ is at most this, for every z. */
  readonly projections: Float64Array;
}

/** Error bars when J + E itself was decomposed, ‖E‖ ≤ error: what the gradients and the decomposition lost. Cost: O(n). @source Weyl 1912; Wedin 1972. */
export const directCertificate = (values: Float64Array, error: number): ExactCertificate => ({
  errors: values.map(() => error),
  projections: values.map((value, s) => {
    const gap = value - (values[s + 1] ?? 0) - 2 * error;
    return gap > 0 ? Math.min(1, error / gap) : 1;
  }),
});

/** ‖F‖ of a Gram matrix G = JJᵀ + F of this order: what its products, sums and eigensolver lose; `largest`: λ_1. */
export const gramErrorOf = (largest: number, order: number, productError: number): number => roundingFloor(largest, order) ** 2 + productError;

/**
 * Error bars for singular values and projections when G = (J + E)(J + E)ᵀ + F was decomposed, ‖E‖ ≤ gradientError (`gradientFloor(‖J‖_F)` of
 * the gradients' precision) and ‖F‖ ≤ productError, of products in float32, and the square of the rounding floor of a Gram matrix of this order
 * (`gramErrorOf`): E moves λ_s by ‖E‖ at most, F by min(√‖F‖, ‖F‖/λ_s), and the first r left singular vectors turn by
 * ‖E‖/gap + ‖F‖/(gap of the squares) at most. `values` descending; below all of them stands zero.
 * Cost: O(n). @source Weyl 1912; Wedin 1972; Davis, Kahan 1970.
 */
export const exactCertificate = (values: Float64Array, gradientError: number, order: number, productError = 0): ExactCertificate => {
  const gramError = gramErrorOf(values[0] ?? 0, order, productError);
  const errors = values.map((value) => gradientError + Math.min(Math.sqrt(gramError), gramError / value || Math.sqrt(gramError)));
  const projections = values.map((value, s) => {
    const next = values[s + 1] ?? 0;
    const gap = value - errors[s]! - (next + (errors[s + 1] ?? 0));
    const squaresGap = (value - next) * (value + next) - gramError;
    return gap > 0 && squaresGap > 0 ? Math.min(1, gradientError / gap + gramError / squaresGap) : 1;
  });
  return { errors, projections };
};
