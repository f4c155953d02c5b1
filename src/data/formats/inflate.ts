import { Inflate, inflateSync } from "fflate";
import { LensError } from "../../core/errors.ts";
import { memorySource, windowOf, type ByteSource } from "../byte-source.ts";
import { contentOffset, type ZipEntry } from "./zip.ts";

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of zip and PNG. @source ISO 3309. */
export const crc32 = (bytes: Uint8Array): number => {
  let c = 0xffffffff;
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

/** Deflate cannot compress further than this: a larger claim is a damaged (or hostile) directory. */
const MOST = 1032;

/** Compressed bytes that are sure to hold a .npy header and never inflate to much. */
const HEAD = 4096;

const damaged = (where: string, what: string, cause?: unknown): LensError =>
  new LensError("NPZ_DAMAGED", `${where}: ${what}`, "The archive is incomplete or damaged: copy or write it again (numpy.savez).", { cause });

const inflateWhole = (bytes: Uint8Array, entry: ZipEntry, where: string): Uint8Array => {
  if (entry.size > entry.compressed * MOST + 64) throw damaged(where, `claims ${entry.size} bytes inflated from ${entry.compressed}, which deflate cannot do`);
  let inflated: Uint8Array;
  try {
    inflated = inflateSync(bytes, { out: new Uint8Array(entry.size) });
  } catch (error) {
    throw damaged(where, `cannot be inflated (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if (inflated.length !== entry.size) throw damaged(where, `inflates to ${inflated.length} bytes, not ${entry.size}`);
  if (crc32(inflated) !== entry.crc) throw damaged(where, "its content does not match its checksum");
  return inflated;
};

/** The first bytes of a deflated entry, as many as its first HEAD compressed bytes give. Errors show when the whole is read. */
const inflateHead = (bytes: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [];
  const stream = new Inflate((piece) => { pieces.push(piece.slice()); });
  try {
    stream.push(bytes, false);
  } catch {
    return new Uint8Array();
  }
  const head = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => (head.set(piece, at), at + piece.length), 0);
  return head;
};

/**
 * The content of a zip entry as bytes. A stored entry is read in place; a deflated one is inflated whole and checked against its CRC at
 * the first read that its beginning does not answer, and kept.
 * @throws LensError NPZ_ENCRYPTED, NPZ_METHOD, NPZ_DAMAGED (also from `read`).
 */
export const entrySource = async (source: ByteSource, entry: ZipEntry, where: string): Promise<ByteSource> => {
  if (entry.encrypted) throw new LensError("NPZ_ENCRYPTED", `${where}: is encrypted`, "Write the archive without a password.");
  if (entry.method !== 0 && entry.method !== 8) throw new LensError("NPZ_METHOD", `${where}: is compressed by zip method ${entry.method}; stored and deflated are known`, "Write it with numpy.savez or numpy.savez_compressed.");
  const offset = await contentOffset(source, entry, where);
  if (entry.method === 0) {
    if (entry.size !== entry.compressed) throw damaged(where, "is stored, but its two sizes differ");
    return windowOf(source, offset, entry.size);
  }
  const load = async (): Promise<ByteSource> => memorySource(inflateWhole(await source.read(offset, entry.compressed), entry, where), where);
  if (entry.compressed <= HEAD) return load();
  const head = inflateHead(await source.read(offset, HEAD));
  let whole: Promise<ByteSource> | undefined;
  return {
    size: entry.size,
    read: async (position, length) => (position + length <= head.length ? head.slice(position, position + length) : (await (whole ??= load())).read(position, length)),
  };
};
