import { fma, sum } from "./simd";

/** xᵀy. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 64, y += 64) {
    s0 = fma(v128.load(x), v128.load(y), s0);
    s1 = fma(v128.load(x, 16), v128.load(y, 16), s1);
    s2 = fma(v128.load(x, 32), v128.load(y, 32), s2);
    s3 = fma(v128.load(x, 48), v128.load(y, 48), s3);
  }
  let result = sum(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; i < n; i++, x += 8, y += 8) result += load<f64>(x) * load<f64>(y);
  return result;
}

/** y ← y + s·x. */
export function axpy(n: i32, s: f64, x: usize, y: usize): void {
  const factor = f64x2.splat(s);
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 32, y += 32) {
    v128.store(y, fma(factor, v128.load(x), v128.load(y)));
    v128.store(y, fma(factor, v128.load(x, 16), v128.load(y, 16)), 16);
  }
  for (; i < n; i++, x += 8, y += 8) store<f64>(y, load<f64>(y) + s * load<f64>(x));
}

/** x ← s·x. */
export function scale(n: i32, s: f64, x: usize): void {
  const factor = f64x2.splat(s);
  let i = 0;
  for (; i + 2 <= n; i += 2, x += 16) v128.store(x, f64x2.mul(factor, v128.load(x)));
  if (i < n) store<f64>(x, s * load<f64>(x));
}

/** max |x_i|, or NaN when any x_i is NaN. */
export function largest(n: i32, x: usize): f64 {
  let m0 = f64x2.splat(0), m1 = m0;
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 32) {
    m0 = f64x2.max(m0, f64x2.abs(v128.load(x)));
    m1 = f64x2.max(m1, f64x2.abs(v128.load(x, 16)));
  }
  m0 = f64x2.max(m0, m1);
  let result = Math.max(f64x2.extract_lane(m0, 0), f64x2.extract_lane(m0, 1));
  for (; i < n; i++, x += 8) result = Math.max(result, Math.abs(load<f64>(x)));
  return result;
}
