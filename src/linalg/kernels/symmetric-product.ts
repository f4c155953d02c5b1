import { product } from "./product";
import { at, get, set } from "./simd";

/** Columns taken together; their diagonal block is written out in full. */
const WIDTH: i32 = 256;

/** Bytes of `square` in `symmetricTimesBlock`. */
export function symmetricScratch(): i32 {
  return WIDTH * WIDTH * 8;
}

/** Both triangles of a symmetric block [n, n] of which the lower one is given. */
function writeOut(n: i32, a: usize, lda: usize, full: usize): void {
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      const value = get(a + <usize>j * lda, i);
      set(full, i + j * n, value);
      set(full, j + i * n, value);
    }
}

/**
 * Y ← A·V for a symmetric A [m, m] of which only the lower triangle is read, V and Y [m, k]. `square`: symmetricScratch() bytes,
 * `scratch`: productScratch() bytes.
 */
export function symmetricTimesBlock(m: i32, k: i32, a: usize, lda: usize, v: usize, ldv: usize, y: usize, ldy: usize, square: usize, scratch: usize): void {
  for (let j = 0; j < k; j++) memory.fill(y + <usize>j * ldy, 0, <usize>m << 3);
  for (let j = 0; j < m; j += WIDTH) {
    const width = min(WIDTH, m - j), below = m - j - width;
    const diagonal = at(a + <usize>j * lda, j), under = at(diagonal, width);
    const vHere = at(v, j), vUnder = at(vHere, width), yHere = at(y, j), yUnder = at(yHere, width);
    writeOut(width, diagonal, lda, square);
    product(width, k, width, 1, square, 8, <usize>width << 3, vHere, 8, ldv, yHere, ldy, false, scratch);
    product(below, k, width, 1, under, 8, lda, vHere, 8, ldv, yUnder, ldy, false, scratch);
    product(width, k, below, 1, under, lda, 8, vUnder, 8, ldv, yHere, ldy, false, scratch);
  }
}
