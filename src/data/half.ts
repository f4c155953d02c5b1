/**
 * IEEE 754 binary16 bit patterns widened to float32, exactly (subnormals, infinities and NaN included); a new array owned by the caller.
 * @source IEEE 754-2019 §3.4.
 */
export const widenHalf = (bits: Uint16Array): Float32Array => Float32Array.from(bits, (half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
});
