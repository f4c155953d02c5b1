import type { Tensor } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { sizeOf, toFloat64 } from "../core/tensor.ts";
import { writeFile } from "node:fs/promises";
import { openDataFile } from "../data/open.ts";
import { writeNpyFile, writeNpz } from "../data/write-npy.ts";
import { replaceFile } from "./whole-file.ts";

/**
 * All arrays of a .npz file by name, in file order; owned by the caller.
 * @throws LensError as `openDataFile`, and the error of the first array that cannot be used.
 */
export const readArrays = async (path: string): Promise<Record<string, Tensor>> => {
  const file = await openDataFile(path);
  try {
    const [skipped] = file.skipped;
    if (skipped) throw skipped.reason;
    const arrays: Record<string, Tensor> = {};
    for (const array of file.arrays) arrays[array.name] = await array.read(0, array.shape[0] ?? 1);
    return arrays;
  } finally {
    await file.close();
  }
};

/** The numbers of a file that holds one array, in C order, as float64; owned by the caller. @throws LensError as `readArrays`, DATA_ARRAYS for several arrays. */
export const readVector = async (path: string): Promise<Float64Array> => {
  const arrays = Object.entries(await readArrays(path));
  const [first, ...others] = arrays;
  if (!first || others.length > 0) throw new LensError("DATA_ARRAYS", `${path}: holds ${arrays.length} arrays where one vector is needed`, "Write the vector alone with numpy.save.");
  const [, tensor] = first;
  const values = toFloat64(tensor);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new LensError("DATA_NAN", `${path}: number ${at} of ${sizeOf(tensor.shape)} is ${values[at] ?? NaN}`, "Write finite numbers.");
  return values;
};

/** Writes one array as .npy, whole or not at all. @throws LensError WRITE_FAILED. */
export const writeArray = (path: string, tensor: Tensor): Promise<void> => replaceFile(path, (beside) => writeNpyFile(beside, tensor));

/** Writes arrays as .npz, in order, whole or not at all. @throws LensError WRITE_FAILED, NPZ_SIZE. */
export const writeArrays = async (path: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> => {
  const bytes = writeNpz(tensors);
  await replaceFile(path, (beside) => writeFile(beside, bytes));
};
