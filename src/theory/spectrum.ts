/** What the theory needs to know of a spectrum: plain data, made by src/spectrum. */
export interface Spectrum {
  /** λ_1 ≥ λ_2 ≥ … ≥ 0. */
  readonly singularValues: Float64Array;
  /** True when these are all min(nK, p) of them; false when only the leading ones were computed. */
  readonly complete: boolean;
  /** Singular values at or below this are rounding noise. THEORY §9. */
  readonly floor: number;
  /** ‖J‖_F. */
  readonly frobenius: number;
  /** |λ̂_s − λ_s| is at most this: one bound for all, or one for each; null when not certified. */
  readonly errors: number | readonly number[] | null;
}

/** A vector z ∈ R^{nK} with its coefficients u_sᵀz on the left singular vectors u_1, u_2, …: at least as many as there are singular values. */
export interface Projected {
  readonly vector: Float64Array;
  readonly coefficients: Float64Array;
}

/** U_I, the first `count` left singular vectors: [rows, count], column-major (vector s at [s·rows, (s+1)·rows)), rows = n·K. */
export interface LeadingVectors {
  readonly rows: number;
  readonly count: number;
  readonly values: Float64Array;
}
