/** The least precise number format that any part of a Gram matrix went through. */
export type GramPrecision = "single" | "double";

/** √ε of each: eigenvalues of a Gram matrix carry errors of ε·λ_1², singular values their root. */
const RELATIVE: Readonly<Record<GramPrecision, number>> = { single: 3.5e-4, double: 1.5e-8 };

/** Singular values from a Gram matrix that are below this are rounding noise. @source THEORY §9. */
export const roundingFloor = (largest: number, precision: GramPrecision): number => RELATIVE[precision] * largest;
