import { LensError } from "../../core/errors.ts";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { rowsOf } from "../batches.ts";
import type { ByteSource } from "../byte-source.ts";
import type { ArraySource } from "../dataset.ts";
import { bytesOf, tensorOver, widthOf } from "../tensor-bytes.ts";
import { startsWith, type Format } from "./format.ts";
import { MAGIC, readNpyHeader } from "./npy-header.ts";
import { elementType } from "./npy-types.ts";

/**
 * A column-major array as a row-major one, a copy. `tensor.data` holds the elements with the first axis fastest.
 * Cost: one pass, an odometer over the target's index.
 */
const fromFortran = (tensor: Tensor): Tensor => {
  const { shape, dtype } = tensor;
  const width = widthOf(dtype);
  const source = bytesOf(tensor);
  const target = new Uint8Array(source.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to += width) {
    for (let b = 0; b < width; b++) target[to + b] = source[from * width + b] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= stride * (next - 1);
    }
  }
  return tensorOver(dtype, shape, target.buffer);
};

/**
 * The array of a .npy file, its rows read on demand; a column-major one is read and turned whole at the first read and kept.
 * @source NEP 1. @throws LensError NPY_*; NPY_TRUNCATED when the file is shorter than its shape says.
 */
export const openNpy = async (source: ByteSource, name: string, where: string): Promise<ArraySource> => {
  const { descr, fortran, shape, offset } = await readNpyHeader(source, where);
  const type = elementType(descr, where);
  const wanted = offset + sizeOf(shape) * type.width;
  if (source.size < wanted) {
    throw new LensError("NPY_TRUNCATED", `${where}: has ${source.size} bytes where its shape [${shape.join(", ")}] needs ${wanted}`, "The file is incomplete: copy or write it again.");
  }
  const row = sizeOf(shape.slice(1)) * type.width;
  const readRows = async (from: number, to: number): Promise<Tensor> =>
    type.decode(await source.read(offset + from * row, (to - from) * row), shape.length === 0 ? [] : [to - from, ...shape.slice(1)]);
  if (!fortran || shape.length < 2) return { name, shape, dtype: type.dtype, read: readRows };
  let whole: Promise<Tensor> | undefined;
  return {
    name,
    shape,
    dtype: type.dtype,
    read: async (from, to) => rowsOf(await (whole ??= readRows(0, shape[0] ?? 0).then(fromFortran)), from, to),
  };
};

/** NumPy .npy versions 1 to 3: one array, called "x". @source NEP 1. Errors: NPY_MAGIC, NPY_VERSION, NPY_HEADER, NPY_TRUNCATED, NPY_DTYPE, NPY_OBJECT, NPY_STRUCTURED. */
export const npy: Format = {
  id: "npy",
  extensions: [".npy"],
  matches: (head) => startsWith(head, MAGIC),
  open: async (source, path) => ({ arrays: [await openNpy(source, "x", path)], skipped: [] }),
};
