import { open } from "node:fs/promises";
import { zipSync } from "fflate";
import { LensError } from "../core/errors.ts";
import type { DType, Tensor } from "../core/tensor.ts";
import { bytesOf } from "./tensor-bytes.ts";

const DESCR: Readonly<Record<DType, string>> = {
  float32: "f4", float64: "f8", int64: "i8", int32: "i4", int16: "i2", int8: "i1", uint64: "u8", uint32: "u4", uint16: "u2", uint8: "u1", bool: "b1",
};

const ORDER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "<" : ">";

/** The header of a version 1 .npy file, padded so that the numbers begin at a multiple of 64 bytes. @source NEP 1. */
const headerOf = ({ dtype, shape }: Tensor): Uint8Array => {
  const code = DESCR[dtype];
  const order = code.endsWith("1") ? "|" : ORDER;
  const sizes = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(", ");
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(padded).fill(0x20);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(header.buffer).setUint16(8, padded - 10, true);
  header.set(new TextEncoder().encode(text), 10);
  header[padded - 1] = 0x0a;
  return header;
};

/** A tensor as a .npy file (version 1, C order), readable by NumPy; a new buffer owned by the caller. @source NEP 1. */
export const writeNpy = (tensor: Tensor): Uint8Array => {
  const header = headerOf(tensor);
  const file = new Uint8Array(header.length + tensor.data.byteLength);
  file.set(header);
  file.set(bytesOf(tensor), header.length);
  return file;
};

/** Tensors as a .npz archive (stored, in the order given), readable by NumPy. @throws LensError NPZ_SIZE from 4 GiB on, where zip64 would be needed. */
export const writeNpz = (tensors: Readonly<Record<string, Tensor>>): Uint8Array => {
  const total = Object.values(tensors).reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
  if (total >= 2 ** 32 - 2 ** 20) throw new LensError("NPZ_SIZE", `the arrays take ${total} bytes; a .npz file of this program holds less than 4 GiB`, "Restrict the parameters with --parameters.");
  const files = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)]));
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 2) });
};

/** Writes a tensor as a .npy file without a second copy of its numbers in memory. @throws errors of the file system. */
export const writeNpyFile = async (path: string, tensor: Tensor): Promise<void> => {
  const handle = await open(path, "w");
  try {
    await handle.writeFile(headerOf(tensor));
    const bytes = bytesOf(tensor);
    for (let at = 0; at < bytes.length; at += 1 << 30) await handle.writeFile(bytes.subarray(at, at + (1 << 30)));
  } finally {
    await handle.close();
  }
};
