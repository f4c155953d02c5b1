import { at, fma, get, set, sum } from "./simd";
import { axpy, dot } from "./vector";

/** The 4 × 4 block on the diagonal: y ← y + B·x, of which the lower triangle is read. */
function diagonalBlock(b: usize, lda: usize, x: usize, y: usize): void {
  for (let column = 0; column < 4; column++, b += lda) {
    set(y, column, get(y, column) + get(b, column) * get(x, column));
    for (let row = column + 1; row < 4; row++) {
      const value = get(b, row);
      set(y, row, get(y, row) + value * get(x, column));
      set(y, column, get(y, column) + value * get(x, row));
    }
  }
}

/**
 * Four columns of m rows below the diagonal, read once for both halves of the symmetric product: `below` gets the columns' combination
 * by x, `y` (4 numbers) their inner products with `right`.
 */
function columnGroup(m: i32, a: usize, lda: usize, x: usize, right: usize, below: usize, y: usize): void {
  const x0 = f64x2.splat(load<f64>(x)), x1 = f64x2.splat(load<f64>(x, 8)), x2 = f64x2.splat(load<f64>(x, 16)), x3 = f64x2.splat(load<f64>(x, 24));
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, i = 0;
  for (; i + 2 <= m; i += 2, a0 += 16, a1 += 16, a2 += 16, a3 += 16, right += 16, below += 16) {
    const v0 = v128.load(a0), v1 = v128.load(a1), v2 = v128.load(a2), v3 = v128.load(a3), r = v128.load(right);
    s0 = fma(v0, r, s0);
    s1 = fma(v1, r, s1);
    s2 = fma(v2, r, s2);
    s3 = fma(v3, r, s3);
    v128.store(below, fma(x3, v3, fma(x2, v2, fma(x1, v1, fma(x0, v0, v128.load(below))))));
  }
  let t0 = sum(s0), t1 = sum(s1), t2 = sum(s2), t3 = sum(s3);
  if (i < m) {
    const v0 = load<f64>(a0), v1 = load<f64>(a1), v2 = load<f64>(a2), v3 = load<f64>(a3), r = load<f64>(right);
    t0 += v0 * r;
    t1 += v1 * r;
    t2 += v2 * r;
    t3 += v3 * r;
    store<f64>(below, load<f64>(below) + load<f64>(x) * v0 + load<f64>(x, 8) * v1 + load<f64>(x, 16) * v2 + load<f64>(x, 24) * v3);
  }
  store<f64>(y, load<f64>(y) + t0);
  store<f64>(y, load<f64>(y, 8) + t1, 8);
  store<f64>(y, load<f64>(y, 16) + t2, 16);
  store<f64>(y, load<f64>(y, 24) + t3, 24);
}

/** y ← A·x for a symmetric A [n, n] of which only the lower triangle is read, each element once. */
export function symmetricProduct(n: i32, a: usize, lda: usize, x: usize, y: usize): void {
  memory.fill(y, 0, <usize>n << 3);
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    const diagonal = at(a + <usize>j * lda, j);
    diagonalBlock(diagonal, lda, at(x, j), at(y, j));
    columnGroup(n - j - 4, diagonal + 32, lda, at(x, j), at(x, j + 4), at(y, j + 4), at(y, j));
  }
  for (; j < n; j++) {
    const diagonal = at(a + <usize>j * lda, j);
    const inner = dot(n - j, diagonal, at(x, j));
    axpy(n - j - 1, get(x, j), diagonal + 8, at(y, j + 1));
    set(y, j, get(y, j) + inner);
  }
}
