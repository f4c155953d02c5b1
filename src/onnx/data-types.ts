import type { DType } from "../core/tensor.ts";
import { NARROW } from "./narrow-types.ts";

/** ONNX's codes of element types (TensorProto.DataType) that the program holds. */
const CODES: Readonly<Record<DType, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float64: 11, uint32: 12, uint64: 13,
};

const NAMES = new Map<number, DType>((Object.keys(CODES) as DType[]).map((name) => [CODES[name], name]));

/** Names of the remaining codes, for messages. */
const OTHER: Readonly<Record<number, string>> = { 8: "string", 14: "complex64", 15: "complex128", 24: "float8e8m0", 25: "uint2", 26: "int2" };

export const codeOf = (dtype: DType): number => CODES[dtype];

/** The type behind a code, or undefined for one that is not held (see `nameOfCode`). */
export const dtypeOf = (code: number): DType | undefined => NAMES.get(code);

/** The type in which values of a code are held: its own, or the wider one of a narrow type; undefined for what is not held at all. */
export const heldTypeOf = (code: number): DType | undefined => NAMES.get(code) ?? NARROW.get(code)?.held;

export const nameOfCode = (code: number): string => NAMES.get(code) ?? NARROW.get(code)?.name ?? OTHER[code] ?? `type ${code}`;

export const BYTES: Readonly<Record<DType, number>> = {
  float32: 4, uint8: 1, int8: 1, uint16: 2, int16: 2, int32: 4, int64: 8, bool: 1, float64: 8, uint32: 4, uint64: 8,
};
