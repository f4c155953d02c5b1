/** The least precise number format that any part of a Gram matrix went through. */
export type GramPrecision = "single" | "double";

/** √ε of each: eigenvalues of a Gram matrix carry errors of ε·λ_1², singular values their root. */
const RELATIVE: Readonly<Record<GramPrecision, number>> = { single: 3.5e-4, double: 1.5e-8 };

/** Singular values from a Gram matrix that are below this are rounding noise. @source THEORY §9. */
export const roundingFloor = (largest: number, precision: GramPrecision): number => RELATIVE[precision] * largest;

/** The same of an SVD of J itself: a few ε·λ_1, with room for the size of the problem (measured: below 1e-14·λ_1 at n = 1000). */
export const directFloor = (largest: number): number => 1e-13 * largest;

/**
 * Singular values of J that were lost when its entries were computed in float32, though everything after them was float64: an entrywise
 * error of a few ε moves no singular value by more than its Frobenius norm. 2⁻²² = 4·2⁻²⁴: the error measured on the reference cases against
 * float64 autograd stays below 2⁻²⁴·‖J‖_F. For gradients in float64 2⁻⁵¹ in the same way.
 * @source derived, from |λ_s(J + E) − λ_s(J)| ≤ ‖E‖ (Weyl).
 */
export const gradientFloor = (frobenius: number, precision: GramPrecision = "single"): number => (precision === "single" ? 2 ** -22 : 2 ** -51) * frobenius;
