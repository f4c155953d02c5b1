import type { Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";

/** A symmetric tridiagonal matrix: diagonal [n], off-diagonal [n − 1] (length n, the last element unused). */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
}

/** A = Q·T·Qᵀ. Q is the product of reflectors H_0·H_1·…, H_j = I − τ_j·v_j·v_jᵀ, v_j being column j of `matrix` (zeros down to row j). */
export interface Reduction {
  readonly n: number;
  /** [n, n], column-major: what became of A. */
  readonly matrix: Address;
  /** [n] */
  readonly tau: Float64Array;
  readonly tridiagonal: Tridiagonal;
}

/** Columns reduced before the rest of the matrix is updated. */
export const PANEL = 32;

/**
 * Reduces the symmetric matrix at `matrix` [n, n] (column-major, lower triangle read; destroyed) to tridiagonal form, half of the work
 * in matrix–vector and half in matrix–matrix products. Elements should be near 1: see `scaleOf` in eigen.ts. Cost: 4/3·n³ FLOPs.
 * @source LAPACK dsytrd; Dongarra, Hammarling, Sorensen 1989.
 */
export const tridiagonalise = async (arena: Arena, matrix: Address, n: number, pause: Pause, progress: Progress): Promise<Reduction> => {
  const { kernels } = arena;
  const panel = arena.reserve(3 * PANEL * n);
  const small = arena.reserve(2 * PANEL);
  const vectors = arena.reserve(3 * n);
  const [diagonal, offDiagonal, tau] = [vectors, vectors + 8 * n, vectors + 16 * n];
  const scratch = arena.reserve(kernels.productScratch() / 8);
  const lda = 8 * n;
  for (let start = 0; start < n - 1; start += PANEL) {
    const m = n - start;
    const count = Math.min(PANEL, m - 1);
    const corner = matrix + start * (lda + 8);
    const ldp = 8 * m;
    kernels.reducePanel(m, count, corner, lda, panel, ldp, count, diagonal + 8 * start, offDiagonal + 8 * start, tau + 8 * start, small);
    const left = panel + 8 * count;
    const right = left + count * ldp;
    kernels.product(m - count, m - count, 2 * count, -1, left, 8, ldp, right, ldp, 8, corner + count * (lda + 8), lda, 1, scratch);
    progress(1 - ((m - count) / n) ** 3, `reducing the matrix, column ${start + count}/${n}`);
    await pause();
  }
  const d = arena.view(diagonal, n).slice();
  d[n - 1] = arena.view(matrix + (n - 1) * (lda + 8), 1)[0]!;
  return { n, matrix, tau: arena.view(tau, n).slice(), tridiagonal: { diagonal: d, offDiagonal: arena.view(offDiagonal, n).slice() } };
};
