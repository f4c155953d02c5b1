/**
 * What every kernel here leans on. All kernels are AssemblyScript: addresses are bytes in the imported memory, numbers are float64,
 * matrices are column-major with a leading dimension in bytes, two lanes are worked on at once. Nothing is allocated.
 */

/** a·b + c, fused in the relaxed-SIMD build (one rounding), two roundings in the plain one. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** The sum of both lanes. */
@inline
export function sum(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/** The address of element i of a vector. */
@inline
export function at(base: usize, i: i32): usize {
  return base + (<usize>i << 3);
}

/** The float64 number i of a vector. */
@inline
export function get(base: usize, i: i32): f64 {
  return load<f64>(base + (<usize>i << 3));
}

@inline
export function set(base: usize, i: i32, value: f64): void {
  store<f64>(base + (<usize>i << 3), value);
}
