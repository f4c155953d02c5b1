import { isParallel } from "../core/parallel.ts";

/** The most rows of J that are parallel to one of them, itself included, from G = JJᵀ and its diagonal, [nK]; 1 where none are. Cost: (nK)². */
export const mostParallel = (gram: Float64Array, squares: Float64Array): number => {
  const size = squares.length;
  const counts = new Uint32Array(size).fill(1);
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const scale = squares[i]! * squares[j]!;
      if (!(scale > 0) || !isParallel(gram[i * size + j]! ** 2, scale)) continue;
      counts[i]!++;
      counts[j]!++;
    }
  }
  return counts.reduce((most, count) => Math.max(most, count), 1);
};

/** What an error F of a Gram matrix is known by. */
export interface ProductErrors {
  /** Standard deviations of F_ij/√(D_i·D_j), at most, of parallel rows and of others, and the share of pairs that are parallel where F comes from. */
  readonly rounding: { readonly parallel: number; readonly others: number; readonly alike: number };
  /** D, [nK]: the squared norms of the rows. */
  readonly squares: Float64Array;
  /** The most rows that are parallel as a whole: see `mostParallel`. */
  readonly parallelRows: number;
}

/**
 * A bound of ‖F‖ for a symmetric F whose entries F_ij are drawn with standard deviations ρ·√(D_i·D_j), those of parallel rows alike:
 * ‖F‖ ≤ 4ρ_parallel·m·max D + 2.5ρ_others·√(m·max D·Σ D) for m parallel rows. The first is the largest entry of the diagonal, or block of m equal
 * rows, four standard deviations out. The second is 1.25 times E‖F‖ ≤ 2·max_i √(Σ_j ρ²·D_i·D_j) of independent entries (to lower order), times √m: m
 * equal rows and columns make the norm of N/m independent ones m times as large. Errors that are themselves in proportion to G, as where one
 * large term makes all others lose alike, may be larger: they change all λ in proportion, far less than error bars. Cost: O(nK).
 * @source derived; Bandeira, van Handel 2016, Theorem 1.1, for the second part.
 */
export const productError = ({ rounding, squares, parallelRows }: ProductErrors): number => {
  const alike = Math.max(parallelRows, 1 + rounding.alike * (squares.length - 1));
  const most = squares.reduce((a, b) => Math.max(a, b), 0);
  const sum = squares.reduce((a, b) => a + b, 0);
  return 4 * rounding.parallel * alike * most + 2.5 * rounding.others * Math.sqrt(alike * most * sum);
};
