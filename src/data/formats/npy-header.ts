import { LensError } from "../../core/errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { startsWith } from "./format.ts";

/** What stands before the numbers of a .npy file. */
export interface NpyHeader {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Byte at which the numbers begin. */
  readonly offset: number;
}

/** The first bytes of every .npy file. */
export const MAGIC = "\x93NUMPY";

const truncated = (where: string, size: number): LensError =>
  new LensError("NPY_TRUNCATED", `${where}: ends inside its header (${size} bytes)`, "The file is incomplete: copy or write it again.");

const damaged = (where: string, what: string): LensError =>
  new LensError("NPY_HEADER", `${where}: its header ${what}`, "Write the array again with numpy.save.");

/** The Python dictionary of the header. Its three keys are written by NumPy in one fixed style; other keys are not allowed by NEP 1. */
const parse = (text: string, where: string): Omit<NpyHeader, "offset"> => {
  if (/'descr'\s*:\s*\[/.test(text)) {
    throw new LensError("NPY_STRUCTURED", `${where}: is a structured array (fields with names)`, "Save each field as an array of its own, e.g. numpy.savez(path, x=a['x'], y=a['y']).");
  }
  const descr = /'descr'\s*:\s*(?:'([^']*)'|"([^"]*)")/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text);
  if (!descr || !order || !shape) throw damaged(where, "does not name descr, fortran_order and shape");
  const sizes = (shape[1] ?? "").split(",").map((size) => size.trim().replace(/L$/, "")).filter((size) => size !== "");
  if (!sizes.every((size) => /^\d+$/.test(size))) throw damaged(where, `has the shape (${shape[1] ?? ""})`);
  return { descr: descr[1] ?? descr[2] ?? "", fortran: order[1] === "True", shape: sizes.map(Number) };
};

/**
 * Reads the header of a .npy file, versions 1 to 3. `where` names the array in messages.
 * @source NEP 1, "A simple file format for NumPy arrays".
 * @throws LensError NPY_MAGIC, NPY_VERSION, NPY_TRUNCATED, NPY_HEADER, NPY_STRUCTURED.
 */
export const readNpyHeader = async (source: ByteSource, where: string): Promise<NpyHeader> => {
  const head = await source.read(0, Math.min(12, source.size));
  if (!startsWith(head, MAGIC.slice(0, head.length)) || head.length === 0) throw new LensError("NPY_MAGIC", `${where}: is not a .npy file (it does not begin with \\x93NUMPY)`, "Write it with numpy.save, or give the file the extension of what it is.");
  if (head.length < 12) throw truncated(where, source.size);
  const major = head[6] ?? 0;
  if (major < 1 || major > 3) throw new LensError("NPY_VERSION", `${where}: is of .npy version ${major}; 1 to 3 are known`, "Write it with numpy.save, which chooses version 1 for ordinary arrays.");
  const view = new DataView(head.buffer);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > source.size) throw truncated(where, source.size);
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(await source.read(start, length));
  return { ...parse(text, where), offset: start + length };
};
