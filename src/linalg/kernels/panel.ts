import { addProduct, transposedProduct } from "./matrix-vector";
import { at, get, set } from "./simd";
import { symmetricProduct } from "./symmetric-vector";
import { axpy, dot, scale } from "./vector";

/** Vectors shorter than this count as zero: their squares would lose digits, and the matrix has been scaled so that its largest element is near 1. */
const NEGLIGIBLE: f64 = 1e-140;

/**
 * The reflector H = I − τ·v·vᵀ with H·x = β·e₁ for x [m]: x becomes v (v₀ = 1), `beta` and `tau` are stored.
 * @source LAPACK dlarfg.
 */
export function reflector(m: i32, x: usize, beta: usize, tau: usize): void {
  const first = load<f64>(x);
  const rest = m > 1 ? Math.sqrt(dot(m - 1, x + 8, x + 8)) : 0;
  if (rest < NEGLIGIBLE) {
    memory.fill(x, 0, <usize>m << 3);
    store<f64>(x, 1);
    store<f64>(beta, first);
    store<f64>(tau, 0);
    return;
  }
  const length = Math.sqrt(first * first + rest * rest);
  const value = first > 0 ? -length : length;
  scale(m - 1, 1 / (first - value), x + 8);
  store<f64>(x, 1);
  store<f64>(beta, value);
  store<f64>(tau, (value - first) / value);
}

/**
 * Reduces the first `count` columns of the symmetric matrix A [m, m] (lower triangle) to tridiagonal form. A's columns become the
 * reflectors' vectors V, unit diagonal and zeros above written out; `panel` [m, 3·width] receives V, W and V again, of which
 * A − V·Wᵀ − W·Vᵀ is the rest still to be reduced. `diagonal`, `offDiagonal`, `tau` receive `count` numbers each; `small` has room for
 * 2·width.
 * @source LAPACK dlatrd (uplo = L).
 */
export function reducePanel(
  m: i32, count: i32, a: usize, lda: usize, panel: usize, ldp: usize, width: i32,
  diagonal: usize, offDiagonal: usize, tau: usize, small: usize,
): void {
  const vBase = panel, wBase = panel + <usize>width * ldp, againBase = wBase + <usize>width * ldp;
  for (let i = 0; i < count; i++) {
    const column = at(a + <usize>i * lda, i);
    addProduct(m - i, i, -1, at(vBase, i), ldp, at(wBase, i), ldp, column);
    addProduct(m - i, i, -1, at(wBase, i), ldp, at(vBase, i), ldp, column);
    set(diagonal, i, load<f64>(column));

    const rest = m - i - 1, v = column + 8, w = at(wBase + <usize>i * ldp, i + 1);
    reflector(rest, v, at(offDiagonal, i), at(tau, i));
    const factor = get(tau, i);
    symmetricProduct(rest, v + lda, lda, v, w);
    transposedProduct(rest, i, at(wBase, i + 1), ldp, v, small);
    addProduct(rest, i, -1, at(vBase, i + 1), ldp, small, 8, w);
    transposedProduct(rest, i, at(vBase, i + 1), ldp, v, small);
    addProduct(rest, i, -1, at(wBase, i + 1), ldp, small, 8, w);
    scale(rest, factor, w);
    axpy(rest, -0.5 * factor * dot(rest, w, v), v, w);

    memory.fill(a + <usize>i * lda, 0, <usize>(i + 1) << 3);
    memory.fill(wBase + <usize>i * ldp, 0, <usize>(i + 1) << 3);
    memory.copy(vBase + <usize>i * ldp, a + <usize>i * lda, <usize>m << 3);
    memory.copy(againBase + <usize>i * ldp, a + <usize>i * lda, <usize>m << 3);
  }
}
