import type { DType } from "../core/tensor.ts";

/** An element type of fewer bits than any that is held: every value of it is a value of `held`, so that widening loses nothing. */
export interface NarrowType {
  readonly name: string;
  readonly held: DType;
  readonly bits: 4 | 8 | 16;
  /** The value of each bit pattern. */
  readonly values: () => ArrayLike<number>;
}

/** How the highest exponent is read: as IEEE 754; as a number but for NaN (fn); with one NaN in place of −0 (fnuz); as a number always. */
type Special = "ieee" | "fn" | "fnuz" | "finite";

interface FloatLayout {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  readonly special: Special;
}

const floatValue = (pattern: number, { exponent, mantissa, bias, special }: FloatLayout): number => {
  const sign = pattern >> (exponent + mantissa) === 1 ? -1 : 1;
  const e = (pattern >> mantissa) & (2 ** exponent - 1);
  const m = pattern & (2 ** mantissa - 1);
  const highest = e === 2 ** exponent - 1;
  if (special === "fnuz" && sign < 0 && e === 0 && m === 0) return NaN;
  if (special === "ieee" && highest) return m === 0 ? sign * Infinity : NaN;
  if (special === "fn" && highest && m === 2 ** mantissa - 1) return NaN;
  return sign * (e === 0 ? (m / 2 ** mantissa) * 2 ** (1 - bias) : (1 + m / 2 ** mantissa) * 2 ** (e - bias));
};

/** A table made when first used: 65,536 numbers for 16 bits. */
const table = (bits: number, value: (pattern: number) => number): (() => ArrayLike<number>) => {
  let made: Float32Array | undefined;
  return () => (made ??= Float32Array.from({ length: 2 ** bits }, (_, pattern) => value(pattern)));
};

const float = (name: string, bits: NarrowType["bits"], layout: FloatLayout): NarrowType => ({ name, held: "float32", bits, values: table(bits, (pattern) => floatValue(pattern, layout)) });

/**
 * Narrow types by ONNX's code. 4-bit values lie two in a byte, the first in the lower half.
 * @source ONNX IR, TensorProto.DataType; OCP 8-bit floating point 1.0; Noune et al. 2022 (fnuz).
 */
export const NARROW: ReadonlyMap<number, NarrowType> = new Map([
  [10, float("float16", 16, { exponent: 5, mantissa: 10, bias: 15, special: "ieee" })],
  [16, float("bfloat16", 16, { exponent: 8, mantissa: 7, bias: 127, special: "ieee" })],
  [17, float("float8e4m3fn", 8, { exponent: 4, mantissa: 3, bias: 7, special: "fn" })],
  [18, float("float8e4m3fnuz", 8, { exponent: 4, mantissa: 3, bias: 8, special: "fnuz" })],
  [19, float("float8e5m2", 8, { exponent: 5, mantissa: 2, bias: 15, special: "ieee" })],
  [20, float("float8e5m2fnuz", 8, { exponent: 5, mantissa: 2, bias: 16, special: "fnuz" })],
  [21, { name: "uint4", held: "uint8", bits: 4, values: table(4, (pattern) => pattern) }],
  [22, { name: "int4", held: "int8", bits: 4, values: table(4, (pattern) => (pattern < 8 ? pattern : pattern - 16)) }],
  [23, float("float4e2m1", 4, { exponent: 2, mantissa: 1, bias: 1, special: "finite" })],
]);

/** `count` bit patterns from little-endian bytes, widened. The result is a copy owned by the caller. */
export const widen = ({ held, bits, values }: NarrowType, bytes: Uint8Array, count: number): Float32Array | Int8Array | Uint8Array => {
  const known = values();
  const out = held === "int8" ? new Int8Array(count) : held === "uint8" ? new Uint8Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const pattern = bits === 16 ? bytes[2 * i]! | (bytes[2 * i + 1]! << 8) : bits === 8 ? bytes[i]! : (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
    out[i] = known[pattern]!;
  }
  return out;
};
