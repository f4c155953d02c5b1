import { LensError } from "../../core/errors.ts";
import type { ByteSource } from "../byte-source.ts";

/** One file inside a zip archive, as its directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** Byte of the entry's local header. */
  readonly header: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

const damaged = (where: string, what: string): LensError =>
  new LensError("NPZ_DAMAGED", `${where}: ${what}`, "The archive is incomplete or damaged: copy or write it again (numpy.savez).");

const viewOf = async (source: ByteSource, position: number, length: number): Promise<DataView> => new DataView((await source.read(position, length)).buffer);

const big = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** Where the central directory stands and how long it is. */
const findDirectory = async (source: ByteSource, where: string): Promise<{ start: number; length: number; count: number }> => {
  const tail = Math.min(source.size, 65557);
  const view = await viewOf(source, source.size - tail, tail);
  let at = tail - 22;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0) throw damaged(where, "has no zip directory at its end");
  if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
    const position = big(view, at - 20 + 8);
    if (position + 56 > source.size) throw damaged(where, "its zip64 directory lies outside the file");
    const end = await viewOf(source, position, 56);
    if (end.getUint32(0, true) !== END64) throw damaged(where, "its zip64 directory is not where it should be");
    return { count: big(end, 32), length: big(end, 40), start: big(end, 48) };
  }
  return { count: view.getUint16(at + 10, true), length: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true) };
};

/** The three sizes of a directory entry; those that are 2³² − 1 stand in its zip64 field, in this order. */
const sizesOf = (view: DataView, at: number, extra: number, end: number): { size: number; compressed: number; header: number } => {
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  for (let field = extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let next = field + 4;
    sizes.forEach((size, i) => {
      if (size !== 0xffffffff) return;
      sizes[i] = big(view, next);
      next += 8;
    });
  }
  const [size = 0, compressed = 0, header = 0] = sizes;
  return { size, compressed, header };
};

/**
 * The directory of a zip or zip64 archive, without reading the files in it.
 * @source PKWARE APPNOTE 6.3, §4.3 and §4.5.3. @throws LensError NPZ_DAMAGED.
 */
export const readZipDirectory = async (source: ByteSource, where: string): Promise<readonly ZipEntry[]> => {
  const { start, length, count } = await findDirectory(source, where);
  if (start + length > source.size) throw damaged(where, "its zip directory lies outside the file");
  const view = await viewOf(source, start, length);
  const decoder = new TextDecoder();
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + 46 > length || view.getUint32(at, true) !== CENTRAL) throw damaged(where, `entry ${entries.length} of its zip directory is not one`);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > length) throw damaged(where, `entry ${entries.length} of its zip directory is cut off`);
    const name = decoder.decode(new Uint8Array(view.buffer, at + 46, nameEnd - at - 46));
    const flags = view.getUint16(at + 8, true);
    entries.push({ name, encrypted: (flags & 1) === 1, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), ...sizesOf(view, at, nameEnd, extraEnd) });
    at = extraEnd + view.getUint16(at + 32, true);
  }
  return entries;
};

/** The byte at which an entry's (compressed) content begins. @throws LensError NPZ_DAMAGED. */
export const contentOffset = async (source: ByteSource, entry: ZipEntry, where: string): Promise<number> => {
  if (entry.header + 30 > source.size) throw damaged(where, `"${entry.name}" lies outside the file`);
  const local = await viewOf(source, entry.header, 30);
  if (local.getUint32(0, true) !== LOCAL) throw damaged(where, `"${entry.name}" is not where the directory says`);
  const offset = entry.header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (offset + entry.compressed > source.size) throw damaged(where, `"${entry.name}" is cut off`);
  return offset;
};
