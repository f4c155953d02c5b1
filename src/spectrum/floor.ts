/** Rounding unit of float64, twice: what one operation may be off by. */
const EPSILON = 2 ** -52;

/**
 * Singular values from a float64 Gram matrix of this order that are below this are rounding noise: sums and eigensolver move its eigenvalues by
 * c·ε·λ_1², singular values by the root of that. c = max(16, √order): a few ε, growing as rounding errors that add up at random do (measured on
 * rank-deficient matrices of orders 30 to 1000: at most 4).
 * @source THEORY §9, with room for the size of the problem.
 */
export const roundingFloor = (largest: number, order: number): number => Math.sqrt(Math.max(16, Math.sqrt(order)) * EPSILON) * largest;

/** The same of an SVD of J itself: a few ε·λ_1, with room for the size of the problem (measured: below 1e-14·λ_1 at n = 1000). */
export const directFloor = (largest: number): number => 1e-13 * largest;

/**
 * Singular values of J that were lost when its entries were computed in float32, though everything after them was float64: an entrywise
 * error of a few ε moves no singular value by more than its Frobenius norm. 2⁻²² = 4·2⁻²⁴: the error measured on the reference cases against
 * float64 autograd stays below 2⁻²⁴·‖J‖_F. For gradients in float64 2⁻⁵¹ in the same way.
 * @source derived, from |λ_s(J + E) − λ_s(J)| ≤ ‖E‖ (Weyl).
 */
export const gradientFloor = (frobenius: number, precision: "single" | "double" = "single"): number => (precision === "single" ? 2 ** -22 : 2 ** -51) * frobenius;
