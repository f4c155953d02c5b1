import { addProduct, transposedProduct } from "./matrix-vector";
import { reflector } from "./reflector";
import { at, fma, get, set } from "./simd";
import { symmetricProduct } from "./symmetric-vector";
import { axpy, dot, scale } from "./vector";

/** A ← A − u·xᵀ − v·yᵀ for A [m, n]; with `lower` only from the diagonal down. */
function rankTwo(m: i32, n: i32, a: usize, lda: usize, u: usize, x: usize, v: usize, y: usize, lower: bool): void {
  for (let j = 0; j < n; j++, a += lda) {
    const s = -get(x, j), t = -get(y, j);
    const ss = f64x2.splat(s), tt = f64x2.splat(t);
    let i = lower ? j : 0;
    let to = at(a, i), uu = at(u, i), vv = at(v, i);
    for (; i + 2 <= m; i += 2, to += 16, uu += 16, vv += 16) v128.store(to, fma(tt, v128.load(vv), fma(ss, v128.load(uu), v128.load(to))));
    if (i < m) store<f64>(to, load<f64>(to) + s * load<f64>(uu) + t * load<f64>(vv));
  }
}

/**
 * The rows r of z [.., width] that a reflector meets: z ← (I − v·vᵀ)·z for v [m], eight columns at a time (width is a multiple of 8).
 */
export function reflectRows(m: i32, v: usize, z: usize, width: i32): void {
  const stride = <usize>width << 3;
  for (let column = 0; column < width; column += 8, z += 64) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let row = z;
    for (let i = 0; i < m; i++, row += stride) {
      const factor = v128.load64_splat(at(v, i));
      s0 = fma(factor, v128.load(row), s0);
      s1 = fma(factor, v128.load(row, 16), s1);
      s2 = fma(factor, v128.load(row, 32), s2);
      s3 = fma(factor, v128.load(row, 48), s3);
    }
    row = z;
    for (let i = 0; i < m; i++, row += stride) {
      const factor = f64x2.neg(v128.load64_splat(at(v, i)));
      v128.store(row, fma(factor, s0, v128.load(row)));
      v128.store(row, fma(factor, s1, v128.load(row, 16)), 16);
      v128.store(row, fma(factor, s2, v128.load(row, 32)), 32);
      v128.store(row, fma(factor, s3, v128.load(row, 48)), 48);
    }
  }
}

/** The reflector I − v·vᵀ that leaves of x [m] only its first element: x becomes β·e₁, `v` receives its vector. */
function eliminate(m: i32, x: usize, v: usize): void {
  memory.copy(v, x, <usize>m << 3);
  const factor = reflector(m, v, x);
  scale(m, Math.sqrt(factor), v);
  memory.fill(x + 8, 0, <usize>(m - 1) << 3);
}

/** D ← H·D·H for a symmetric D [m, m] (lower triangle) and H = I − v·vᵀ. `w`: room for m. */
function reflectDiagonal(m: i32, d: usize, ldd: usize, v: usize, w: usize): void {
  symmetricProduct(m, d, ldd, v, w);
  axpy(m, -0.5 * dot(m, v, w), v, w);
  rankTwo(m, m, d, ldd, v, w, w, v, true);
}

/**
 * B ← H'·B·H for B [m, n], the block under D, where H = I − v·vᵀ has just met D and H' = I − v'·v'ᵀ is the reflector that clears B's first
 * column; `next` receives v'. `u`, `w`: room for m and n.
 */
function reflectBlock(m: i32, n: i32, b: usize, ldb: usize, v: usize, next: usize, u: usize, w: usize): void {
  memory.fill(u, 0, <usize>m << 3);
  addProduct(m, n, 1, b, ldb, v, 8, u);
  axpy(m, -load<f64>(v), u, b);
  eliminate(m, b, next);
  const rest = n - 1;
  if (rest === 0) return;
  transposedProduct(m, rest, b + ldb, ldb, next, w);
  axpy(rest, -dot(m, u, next), v + 8, w);
  rankTwo(m, rest, b + ldb, ldb, u, v + 8, next, w, false);
}

/** Where sweep s keeps its reflectors' element for row r: sweeps follow one another, n − 1 − s numbers each. */
@inline
function keptAt(kept: usize, n: i32, s: i32, r: i32): usize {
  return kept + (<usize>((s * (2 * n - s - 1)) >>> 1) << 3) + (<usize>(r - s - 1) << 3);
}

/**
 * Sweeps from … to − 1 that take a symmetric band matrix [n, n] of bandwidth b to tridiagonal form. The band is stored by columns, the
 * diagonal first, 2·b numbers each (room for the bulge): a block of it is a dense matrix whose columns lie 2·b − 1 numbers apart.
 * Sweep s clears column s with a reflector on rows s + 1 …, which fills a bulge b rows below, which the next reflector clears, and so on
 * to the bottom. Every reflector is applied to the rows of z [n, width]. With `keep` all are kept at `kept` (n·(n − 1)/2 numbers).
 * `room`: 4·b numbers.
 * @source Schwarz 1968; Haidar, Ltaief, Dongarra 2011 (its three kernels).
 */
export function chase(n: i32, b: i32, from: i32, to: i32, band: usize, z: usize, width: i32, keep: bool, kept: usize, room: usize): void {
  const ld = <usize>(2 * b - 1) << 3;
  const u = room, w = at(u, b), spare = at(w, b);
  for (let s = from; s < to; s++) {
    let r = s + 1, rows = min(b, n - r);
    let v = keep ? keptAt(kept, n, s, r) : spare;
    eliminate(rows, at(band + <usize>s * ld, r), v);
    while (true) {
      reflectDiagonal(rows, at(band + <usize>r * ld, r), ld, v, w);
      reflectRows(rows, v, z + (<usize>(r * width) << 3), width);
      const below = r + rows, next = min(b, n - below);
      if (next <= 0) break;
      const after = keep ? at(v, rows) : v === spare ? at(spare, b) : spare;
      reflectBlock(next, rows, at(band + <usize>r * ld, below), ld, v, after, u, w);
      v = after;
      r = below;
      rows = next;
    }
  }
}

/**
 * The reflectors that `chase` kept, of sweeps from … to − 1, applied in reverse to the rows of y [n, width]. Sweeps are interleaved, so
 * that a window of rows stays in the cache: reflector t of each sweep, last sweep first, before reflectors t + 1.
 */
export function chaseBack(n: i32, b: i32, from: i32, to: i32, y: usize, width: i32, kept: usize): void {
  for (let step = 0; from + 1 + step < n; step += b)
    for (let s = to - 1; s >= from; s--) {
      const r = s + 1 + step;
      if (r < n) reflectRows(min(b, n - r), keptAt(kept, n, s, r), y + (<usize>(r * width) << 3), width);
    }
}
