import { at, fma, get, set } from "./simd";

/**
 * One implicit QL sweep with the given shift over the unreduced block first … last of the tridiagonal matrix (diagonal d, off-diagonal e):
 * d and e are updated, the last − first rotations are stored as pairs (cosine, sine) in the order in which they were made (from the
 * bottom up).
 * @source LAPACK dsteqr; Parlett, The Symmetric Eigenvalue Problem, 8.
 */
export function sweepUp(first: i32, last: i32, shift: f64, d: usize, e: usize, rotations: usize): void {
  let c: f64 = 1, s: f64 = 1, p: f64 = 0, g = shift;
  for (let i = last - 1; i >= first; i--, rotations += 16) {
    const f = s * get(e, i), b = c * get(e, i);
    const length = Math.sqrt(f * f + g * g);
    c = length === 0 ? 1 : g / length;
    s = length === 0 ? 0 : f / length;
    if (i !== last - 1) set(e, i + 1, length);
    g = get(d, i + 1) - p;
    const r = (get(d, i) - g) * s + 2 * c * b;
    p = s * r;
    set(d, i + 1, g + p);
    g = c * r - b;
    store<f64>(rotations, c);
    store<f64>(rotations, s, 8);
  }
  set(d, first, get(d, first) - p);
  set(e, first, g);
}

/** The mirror image of `sweepUp`, an implicit QR sweep: rotations from the top down. */
export function sweepDown(first: i32, last: i32, shift: f64, d: usize, e: usize, rotations: usize): void {
  let c: f64 = 1, s: f64 = 1, p: f64 = 0, g = shift;
  for (let i = first; i < last; i++, rotations += 16) {
    const f = s * get(e, i), b = c * get(e, i);
    const length = Math.sqrt(f * f + g * g);
    c = length === 0 ? 1 : g / length;
    s = length === 0 ? 0 : f / length;
    if (i !== first) set(e, i - 1, length);
    g = get(d, i) - p;
    const r = (get(d, i + 1) - g) * s + 2 * c * b;
    p = s * r;
    set(d, i, g + p);
    g = c * r - b;
    store<f64>(rotations, c);
    store<f64>(rotations, s, 8);
  }
  set(d, last, get(d, last) - p);
  set(e, last - 1, g);
}

/**
 * Applies `count` rotations to successive pairs of rows, `step` bytes apart (negative: going up), eight numbers of each row. Every row
 * is loaded and stored once: the row that two rotations share stays in registers.
 */
function rotateEight(count: i32, row: usize, step: isize, rotations: usize): void {
  let k0 = v128.load(row), k1 = v128.load(row, 16), k2 = v128.load(row, 32), k3 = v128.load(row, 48);
  for (let i = 0; i < count; i++, rotations += 16) {
    const c = v128.load64_splat(rotations), s = v128.load64_splat(rotations, 8);
    const next = row + step;
    const n0 = v128.load(next), n1 = v128.load(next, 16), n2 = v128.load(next, 32), n3 = v128.load(next, 48);
    v128.store(row, fma(s, n0, f64x2.mul(c, k0)));
    v128.store(row, fma(s, n1, f64x2.mul(c, k1)), 16);
    v128.store(row, fma(s, n2, f64x2.mul(c, k2)), 32);
    v128.store(row, fma(s, n3, f64x2.mul(c, k3)), 48);
    k0 = f64x2.sub(f64x2.mul(c, n0), f64x2.mul(s, k0));
    k1 = f64x2.sub(f64x2.mul(c, n1), f64x2.mul(s, k1));
    k2 = f64x2.sub(f64x2.mul(c, n2), f64x2.mul(s, k2));
    k3 = f64x2.sub(f64x2.mul(c, n3), f64x2.mul(s, k3));
    row = next;
  }
  v128.store(row, k0);
  v128.store(row, k1, 16);
  v128.store(row, k2, 32);
  v128.store(row, k3, 48);
}

/** Carries the rows first … last of z [n, width] (row-major, width a multiple of 8) through the rotations of one sweep; `up` as the sweep went. */
export function rotateRows(first: i32, last: i32, up: bool, z: usize, width: i32, rotations: usize): void {
  const stride = <isize>width << 3;
  const start = z + <usize>(up ? last : first) * <usize>stride;
  for (let column = 0; column < width; column += 8) rotateEight(last - first, at(start, column), up ? -stride : stride, rotations);
}
