import { type Tensor, isFloat, toFloat64 } from "../../src/core/tensor.ts";

/** A list of tensors as one long vector; those that are not floating are left out. */
export const flat = (tensors: readonly Tensor[]): Float64Array => {
  const parts = tensors.filter((t) => isFloat(t.dtype)).map(toFloat64);
  const out = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? Number.NaN), 0);

/** The largest absolute entry; NaN anywhere gives NaN. */
export const largest = (a: Float64Array): number => a.reduce((m, v) => (Number.isNaN(v) || Number.isNaN(m) ? Number.NaN : Math.max(m, Math.abs(v))), 0);

/** a + factor·b. */
export const plus = (a: Float64Array, factor: number, b: Float64Array): Float64Array => a.map((v, i) => v + factor * (b[i] ?? Number.NaN));

/** A tensor of the type and shape of `like` with other content. */
export const filledLike = (like: Tensor, data: Float64Array): Tensor =>
  ({ dtype: like.dtype, shape: like.shape, data: like.dtype === "float64" ? data : Float32Array.from(data) } as Tensor);
