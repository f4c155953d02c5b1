import { extname } from "node:path";
import { LensError } from "../core/errors.ts";
import { openFileSource } from "./byte-source.ts";
import type { DataFile } from "./dataset.ts";
import { sha256OfFile } from "./file-hash.ts";
import type { ArrayNames, Format } from "./formats/format.ts";
import { formats } from "./formats/index.ts";

const formatOf = (head: Uint8Array, path: string): Format => {
  const extension = extname(path).toLowerCase();
  const format = formats.find((candidate) => candidate.matches(head)) ?? formats.find((candidate) => candidate.extensions.includes(extension));
  if (format) return format;
  throw new LensError("DATA_FORMAT", `${path}: is of no known data format`, `Known are ${formats.flatMap((candidate) => candidate.extensions).join(", ")}.`);
};

/**
 * Opens a data file and lists its arrays; the format is told by its first bytes, else by its extension. Close it when done.
 * @throws LensError DATA_MISSING, DATA_UNREADABLE, DATA_EMPTY, DATA_FORMAT, and those of the format.
 */
export const openDataFile = async (path: string, names: ArrayNames = {}): Promise<DataFile> => {
  const source = await openFileSource(path);
  try {
    if (source.size === 0) throw new LensError("DATA_EMPTY", `${path}: the file is empty`, "Write the data again.");
    const format = formatOf(await source.read(0, Math.min(16, source.size)), path);
    const contents = await format.open(source, path, names);
    let hash: Promise<string> | undefined;
    return { path, format: format.id, ...contents, sha256: () => (hash ??= sha256OfFile(path)), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
};
