import { isParallel } from "../core/parallel.ts";

/** The most rows of J that are parallel to one of them, itself included, from G = JJᵀ [size, size]; 1 where none are. Cost: (nK)². */
export const mostParallel = (gram: Float64Array, size: number): number => {
  const counts = new Uint32Array(size).fill(1);
  const squares = Float64Array.from({ length: size }, (_, i) => gram[i * (size + 1)]!);
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

/** What an error F of a Gram matrix is known by: root mean squares of F_ij/√(D_i·D_j), of parallel rows and of others. */
export interface ProductErrors {
  readonly relative: { readonly parallel: number; readonly others: number };
  /** D, [nK]: the squared norms of the rows. */
  readonly squares: Float64Array;
  /** The most rows that are parallel. */
  readonly alike: number;
}

/**
 * A bound of ‖F‖ for a symmetric F whose entries F_ij are drawn with standard deviations ρ·√(D_i·D_j), those of parallel rows alike:
 * ‖F‖ ≤ 5ρ_parallel·m·max D + 4ρ_others·√(m·max D·Σ D) for m parallel rows. The first is the largest entry of the diagonal, or block of m equal
 * rows, five standard deviations out. The second is twice E‖F‖ ≤ 2·max_i √(Σ_j ρ²·D_i·D_j) of independent entries (to lower order), times √m: m
 * equal rows and columns make the norm of N/m independent ones m times as large. Cost: O(nK).
 * @source derived; Bandeira, van Handel 2016, Theorem 1.1, for the second part.
 */
export const productError = ({ relative: { parallel, others }, squares, alike }: ProductErrors): number => {
  const most = squares.reduce((a, b) => Math.max(a, b), 0);
  const sum = squares.reduce((a, b) => a + b, 0);
  return 5 * parallel * alike * most + 4 * others * Math.sqrt(alike * most * sum);
};
