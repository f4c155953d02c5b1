import { at } from "./simd";
import { axpy, dot, scale } from "./vector";

/** Vectors shorter than this count as zero: their squares would lose digits, and the matrix has been scaled so that its largest element is near 1. */
const NEGLIGIBLE: f64 = 1e-140;

/**
 * The reflector H = I − τ·v·vᵀ with H·x = β·e₁ for x [m]: x becomes v (v₀ = 1), `beta` is stored, τ is returned.
 * @source LAPACK dlarfg.
 */
export function reflector(m: i32, x: usize, beta: usize): f64 {
  const first = load<f64>(x);
  const rest = m > 1 ? Math.sqrt(dot(m - 1, x + 8, x + 8)) : 0;
  if (rest < NEGLIGIBLE) {
    memory.fill(x, 0, <usize>m << 3);
    store<f64>(x, 1);
    store<f64>(beta, first);
    return 0;
  }
  const length = Math.sqrt(first * first + rest * rest);
  const value = first > 0 ? -length : length;
  scale(m - 1, 1 / (first - value), x + 8);
  store<f64>(x, 1);
  store<f64>(beta, value);
  return (value - first) / value;
}

/**
 * The QR factors of a tall panel A [m, columns], by `count` reflectors: column i becomes v_i from row i down (R stays above it),
 * `beta` [count] receives R's diagonal, `tau` [count] the factors.
 * @source LAPACK dgeqr2.
 */
export function factorisePanel(m: i32, columns: i32, count: i32, a: usize, lda: usize, beta: usize, tau: usize): void {
  for (let i = 0; i < count; i++) {
    const v = at(a + <usize>i * lda, i), rows = m - i;
    const factor = reflector(rows, v, at(beta, i));
    store<f64>(at(tau, i), factor);
    for (let j = i + 1; j < columns; j++) {
      const column = at(a + <usize>j * lda, i);
      axpy(rows, -factor * dot(rows, v, column), v, column);
    }
  }
}
