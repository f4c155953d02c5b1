import { open, type FileHandle } from "node:fs/promises";
import { LensError } from "../core/errors.ts";

/** Bytes that can be read in pieces: a file, a part of one, or memory. */
export interface ByteSource {
  readonly size: number;
  /**
   * Bytes [position, position + length), in a buffer of their own (offset 0, so any element type can be laid over it), owned by the caller.
   * @throws LensError DATA_TRUNCATED when there are fewer.
   */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** A file as bytes; close it when done. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

const cannotOpen = (path: string, error: unknown): LensError => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return new LensError("DATA_MISSING", `${path}: there is no such file`, "Check the path; it is taken relative to the current folder.", { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new LensError("DATA_UNREADABLE", `${path}: cannot be read (${reason})`, "Check the file's permissions and that it is a file.", { cause: error });
};

/** One read call takes at most 2 GiB − 1 bytes in Node. */
const PIECE = 1 << 30;

const readAll = async (handle: FileHandle, target: Uint8Array, position: number): Promise<number> => {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, Math.min(PIECE, target.length - done), position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
};

const truncated = (path: string, wanted: number, got: number): LensError =>
  new LensError("DATA_TRUNCATED", `${path}: ends at byte ${got} where byte ${wanted} is needed`, "The file is incomplete: copy or write it again.");

/** @throws LensError DATA_MISSING, DATA_UNREADABLE. */
export const openFileSource = async (path: string): Promise<FileSource> => {
  const handle = await open(path, "r").catch((error: unknown) => { throw cannotOpen(path, error); });
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw new LensError("DATA_UNREADABLE", `${path}: is not a file`, "Give the path of the data file itself.");
  }
  return {
    size: facts.size,
    read: async (position, length) => {
      if (position + length > facts.size) throw truncated(path, position + length, facts.size);
      const bytes = new Uint8Array(length);
      const got = await readAll(handle, bytes, position);
      if (got < length) throw truncated(path, position + length, position + got);
      return bytes;
    },
    close: () => handle.close(),
  };
};

/** Bytes [offset, offset + size) of another source, as a source. */
export const windowOf = (source: ByteSource, offset: number, size: number): ByteSource => ({ size, read: (position, length) => source.read(offset + position, length) });

/** Memory as a source; `bytes` must not change afterwards. */
export const memorySource = (bytes: Uint8Array, path: string): ByteSource => ({
  size: bytes.length,
  read: (position, length) =>
    position + length > bytes.length ? Promise.reject(truncated(path, position + length, bytes.length)) : Promise.resolve(bytes.slice(position, position + length)),
});
