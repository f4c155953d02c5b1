/** Reads a part of a file: `length` bytes from `from`, fewer at its end; null when it cannot be read. */
export type ReadBytes = (from: number, length: number) => Promise<Uint8Array | null>;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const LOAD = 1;
const DYNAMIC = 2;
const [END, NEEDED, STRTAB, STRSZ] = [0, 1, 5, 10];
/** Bytes; more than any real library has: a damaged header must not ask for gigabytes. */
const MOST = 1 << 26;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const readSegments = async (read: ReadBytes, header: DataView): Promise<readonly Segment[] | null> => {
  const [at, size, count] = [Number(header.getBigUint64(32, true)), header.getUint16(54, true), header.getUint16(56, true)];
  const table = size === 56 ? await read(at, size * count) : null;
  if (table?.length !== size * count) return null;
  const view = viewOf(table);
  const wide = (base: number, offset: number): number => Number(view.getBigUint64(base + offset, true));
  return Array.from({ length: count }, (_, i) => i * size).map((base) => ({ type: view.getUint32(base, true), offset: wide(base, 8), address: wide(base, 16), size: wide(base, 32) }));
};

/** Zero-terminated text at a position of the string table. */
const nameAt = (strings: Uint8Array, at: number): string => {
  const end = strings.indexOf(0, at);
  return new TextDecoder().decode(strings.subarray(at, end < 0 ? strings.length : end));
};

/**
 * The shared libraries that a 64-bit little-endian ELF file asks the loader for (its DT_NEEDED entries, in order); null when it is no such
 * file or is damaged. Cost: three short reads, however large the file.
 * @source System V ABI, generic ELF specification, "Dynamic Section".
 */
export const neededLibraries = async (read: ReadBytes): Promise<readonly string[] | null> => {
  const header = await read(0, 64);
  if (header?.length !== 64 || viewOf(header).getUint32(0, false) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
  const segments = await readSegments(read, viewOf(header));
  const dynamic = segments?.find(({ type }) => type === DYNAMIC);
  if (!segments || !dynamic || dynamic.size > MOST) return null;
  const table = await read(dynamic.offset, dynamic.size);
  if (table?.length !== dynamic.size) return null;
  const view = viewOf(table);
  const tags = Array.from({ length: Math.floor(table.length / 16) }, (_, i) => ({ tag: Number(view.getBigInt64(i * 16, true)), value: Number(view.getBigUint64(i * 16 + 8, true)) }));
  const end = tags.findIndex(({ tag }) => tag === END);
  const live = end < 0 ? tags : tags.slice(0, end);
  const value = (wanted: number): number => live.find(({ tag }) => tag === wanted)?.value ?? -1;
  const [address, size] = [value(STRTAB), value(STRSZ)];
  const home = segments.find((segment) => segment.type === LOAD && address >= segment.address && address < segment.address + segment.size);
  if (!home || size < 0 || size > MOST) return null;
  const strings = await read(address - home.address + home.offset, size);
  return strings?.length === size ? live.filter(({ tag }) => tag === NEEDED).map((entry) => nameAt(strings, entry.value)) : null;
};
