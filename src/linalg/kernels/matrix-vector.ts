import { fma, sum } from "./simd";
import { axpy, dot } from "./vector";

/** y ← y + α·A·x for a tall A [m, n]; the elements of x stand `stride` bytes apart. Four columns go through y at once. */
export function addProduct(m: i32, n: i32, alpha: f64, a: usize, lda: usize, x: usize, stride: usize, y: usize): void {
  let j = 0;
  for (; j + 4 <= n; j += 4, a += lda << 2) {
    const x0 = f64x2.splat(alpha * load<f64>(x)), x1 = f64x2.splat(alpha * load<f64>(x + stride));
    const x2 = f64x2.splat(alpha * load<f64>(x + 2 * stride)), x3 = f64x2.splat(alpha * load<f64>(x + 3 * stride));
    x += stride << 2;
    let a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, out = y, i = 0;
    for (; i + 2 <= m; i += 2, out += 16, a0 += 16, a1 += 16, a2 += 16, a3 += 16) {
      const low = fma(x1, v128.load(a1), fma(x0, v128.load(a0), v128.load(out)));
      v128.store(out, fma(x3, v128.load(a3), fma(x2, v128.load(a2), low)));
    }
    if (i < m) {
      const low = load<f64>(out) + f64x2.extract_lane(x0, 0) * load<f64>(a0) + f64x2.extract_lane(x1, 0) * load<f64>(a1);
      store<f64>(out, low + f64x2.extract_lane(x2, 0) * load<f64>(a2) + f64x2.extract_lane(x3, 0) * load<f64>(a3));
    }
  }
  for (; j < n; j++, x += stride, a += lda) axpy(m, alpha * load<f64>(x), a, y);
}

/** y ← Aᵀ·x for a tall A [m, n]. Four columns read x at once. */
export function transposedProduct(m: i32, n: i32, a: usize, lda: usize, x: usize, y: usize): void {
  let j = 0;
  for (; j + 4 <= n; j += 4, a += lda << 2, y += 32) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, from = x, i = 0;
    for (; i + 2 <= m; i += 2, from += 16, a0 += 16, a1 += 16, a2 += 16, a3 += 16) {
      const v = v128.load(from);
      s0 = fma(v, v128.load(a0), s0);
      s1 = fma(v, v128.load(a1), s1);
      s2 = fma(v, v128.load(a2), s2);
      s3 = fma(v, v128.load(a3), s3);
    }
    const last = i < m;
    const v = last ? load<f64>(from) : 0;
    store<f64>(y, sum(s0) + (last ? v * load<f64>(a0) : 0));
    store<f64>(y, sum(s1) + (last ? v * load<f64>(a1) : 0), 8);
    store<f64>(y, sum(s2) + (last ? v * load<f64>(a2) : 0), 16);
    store<f64>(y, sum(s3) + (last ? v * load<f64>(a3) : 0), 24);
  }
  for (; j < n; j++, a += lda, y += 8) store<f64>(y, dot(m, a, x));
}
