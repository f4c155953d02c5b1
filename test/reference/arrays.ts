import { openDataFile } from "../../src/data/open.ts";
import { toFloat64 } from "../../src/core/tensor.ts";

/** All arrays of a .npz or .npy file in float64, by name. */
export const readArrays = async (path: string): Promise<ReadonlyMap<string, Float64Array>> => {
  const file = await openDataFile(path);
  try {
    const arrays = new Map<string, Float64Array>();
    for (const source of file.arrays) arrays.set(source.name, toFloat64(await source.read(0, source.shape[0] ?? 1)));
    return arrays;
  } finally {
    await file.close();
  }
};

/** The one array of a .npy file, or the named one of a .npz file. */
export const readArray = async (path: string, name?: string): Promise<Float64Array> => {
  const arrays = await readArrays(path);
  const array = name === undefined ? [...arrays.values()][0] : arrays.get(name);
  if (array === undefined) throw new Error(`${path} has no array ${name ?? ""}`);
  return array;
};

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** ‖a − b‖/‖b‖, Euclidean or Frobenius; infinite when the lengths differ. */
export const relativeError = (a: Float64Array, b: Float64Array): number =>
  a.length === b.length ? norm(a.map((value, i) => value - (b[i] ?? NaN))) / norm(b) : Infinity;

/** Largest |aᵢ − bᵢ|; infinite when the lengths differ. */
export const largestError = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs(a[i]! - b[i]!);
    if (!(error <= largest)) largest = error; // keeps NaN
  }
  return largest;
};
