import { fma } from "./simd";

/** Block sizes: a KC × NC block of B stays in the outer cache, an MC × KC block of A in the inner one. */
const MC: i32 = 96;
const KC: i32 = 256;
const NC: i32 = 1024;

/** Bytes of scratch memory that `product` needs. */
export function productScratch(): i32 {
  return (MC * KC + KC * NC + 16) * 8;
}

/** C (4 × 4) ← C + α·A·B for packed A (depth × 4) and B (depth × 4). */
function tile(depth: i32, a: usize, b: usize, alpha: f64, c: usize, ldc: usize): void {
  let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = a + (<usize>depth << 5);
  for (; a < end; a += 32, b += 32) {
    const low = v128.load(a), high = v128.load(a, 16);
    const b0 = v128.load64_splat(b);
    c00 = fma(low, b0, c00);
    c01 = fma(high, b0, c01);
    const b1 = v128.load64_splat(b, 8);
    c10 = fma(low, b1, c10);
    c11 = fma(high, b1, c11);
    const b2 = v128.load64_splat(b, 16);
    c20 = fma(low, b2, c20);
    c21 = fma(high, b2, c21);
    const b3 = v128.load64_splat(b, 24);
    c30 = fma(low, b3, c30);
    c31 = fma(high, b3, c31);
  }
  const factor = f64x2.splat(alpha);
  v128.store(c, fma(factor, c00, v128.load(c)));
  v128.store(c, fma(factor, c01, v128.load(c, 16)), 16);
  c += ldc;
  v128.store(c, fma(factor, c10, v128.load(c)));
  v128.store(c, fma(factor, c11, v128.load(c, 16)), 16);
  c += ldc;
  v128.store(c, fma(factor, c20, v128.load(c)));
  v128.store(c, fma(factor, c21, v128.load(c, 16)), 16);
  c += ldc;
  v128.store(c, fma(factor, c30, v128.load(c)));
  v128.store(c, fma(factor, c31, v128.load(c, 16)), 16);
}

/** A tile at the edge of C: computed whole in `spare` (16 numbers), of which the first `rows` × `columns` are added. */
function edgeTile(depth: i32, a: usize, b: usize, alpha: f64, c: usize, ldc: usize, rows: i32, columns: i32, spare: usize): void {
  memory.fill(spare, 0, 128);
  tile(depth, a, b, alpha, spare, 32);
  for (let j = 0; j < columns; j++, c += ldc, spare += 32)
    for (let i = 0; i < rows; i++) {
      const offset = <usize>i << 3;
      store<f64>(c + offset, load<f64>(c + offset) + load<f64>(spare + offset));
    }
}

/** Four rows whose elements lie `depth` after one another, transposed two by two on their way. */
function packAcross(depth: i32, from: usize, rowStride: usize, to: usize): void {
  let r0 = from, r1 = r0 + rowStride, r2 = r1 + rowStride, r3 = r2 + rowStride, p = 0;
  for (; p + 2 <= depth; p += 2, to += 64, r0 += 16, r1 += 16, r2 += 16, r3 += 16) {
    const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
    v128.store(to, v128.shuffle<f64>(v0, v1, 0, 2));
    v128.store(to, v128.shuffle<f64>(v2, v3, 0, 2), 16);
    v128.store(to, v128.shuffle<f64>(v0, v1, 1, 3), 32);
    v128.store(to, v128.shuffle<f64>(v2, v3, 1, 3), 48);
  }
  if (p < depth) {
    store<f64>(to, load<f64>(r0));
    store<f64>(to, load<f64>(r1), 8);
    store<f64>(to, load<f64>(r2), 16);
    store<f64>(to, load<f64>(r3), 24);
  }
}

/** Four rows that lie side by side. */
function packAlong(depth: i32, from: usize, depthStride: usize, to: usize): void {
  for (let p = 0; p < depth; p++, to += 32, from += depthStride) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
}

/** Fewer than four rows, or strides of any kind; missing rows become zero. */
function packAny(rows: i32, depth: i32, from: usize, rowStride: usize, depthStride: usize, to: usize): void {
  for (let p = 0; p < depth; p++, to += 32, from += depthStride)
    for (let r = 0; r < 4; r++) store<f64>(to + (<usize>r << 3), r < rows ? load<f64>(from + <usize>r * rowStride) : 0);
}

/** Copies [count, depth] numbers into groups of four rows, each group contiguous. */
function pack(count: i32, depth: i32, from: usize, rowStride: usize, depthStride: usize, to: usize): void {
  for (let i = 0; i < count; i += 4, from += rowStride << 2, to += <usize>depth << 5) {
    if (count - i < 4) packAny(count - i, depth, from, rowStride, depthStride, to);
    else if (rowStride === 8) packAlong(depth, from, depthStride, to);
    else if (depthStride === 8) packAcross(depth, from, rowStride, to);
    else packAny(4, depth, from, rowStride, depthStride, to);
  }
}

/** The packed block of A times the packed block of B. With `lower`, tiles that lie wholly above the diagonal are left out. */
function block(rows: i32, columns: i32, depth: i32, alpha: f64, a: usize, b: usize, c: usize, ldc: usize, below: i32, lower: bool, spare: usize): void {
  for (let j = 0; j < columns; j += 4, b += <usize>depth << 5) {
    let packed = a;
    for (let i = 0; i < rows; i += 4, packed += <usize>depth << 5) {
      if (lower && below + i + 3 < j) continue;
      const out = c + <usize>j * ldc + (<usize>i << 3);
      if (rows - i >= 4 && columns - j >= 4) tile(depth, packed, b, alpha, out, ldc);
      else edgeTile(depth, packed, b, alpha, out, ldc, min(4, rows - i), min(4, columns - j), spare);
    }
  }
}

/**
 * C ← C + α·A·B for A [m, k], B [k, n], C [m, n]. Each of A and B has a stride (bytes) between rows and one between columns, so that
 * transposes cost nothing; C is column-major. With `lower` only tiles that touch the lower triangle of C are computed (and what of
 * those lies above the diagonal is written too). `scratch`: productScratch() bytes.
 */
export function product(
  m: i32, n: i32, k: i32, alpha: f64,
  a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  c: usize, ldc: usize, lower: bool, scratch: usize,
): void {
  const packedA = scratch, packedB = packedA + <usize>(MC * KC * 8), spare = packedB + <usize>(KC * NC * 8);
  for (let jc = 0; jc < n; jc += NC) {
    const columns = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const depth = min(KC, k - pc);
      pack(columns, depth, b + <usize>jc * bColumn + <usize>pc * bRow, bColumn, bRow, packedB);
      for (let ic = 0; ic < m; ic += MC) {
        const rows = min(MC, m - ic);
        if (lower && ic + rows <= jc) continue;
        pack(rows, depth, a + <usize>ic * aRow + <usize>pc * aColumn, aRow, aColumn, packedA);
        block(rows, columns, depth, alpha, packedA, packedB, c + <usize>jc * ldc + (<usize>ic << 3), ldc, ic - jc, lower, spare);
      }
    }
  }
}
