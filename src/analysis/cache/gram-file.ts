import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { FreshGram, StoredFacts, StoredGram } from "./gram-store.ts";
import { triangleSize } from "./triangle.ts";

/**
 * One stored Gram matrix: MAGIC, the header's length (uint32), the header as JSON padded with spaces to a multiple of 8, then as float64 of
 * the machine's own byte order the outputs, every block's squared norms, plain and weighed, and the upper triangle row by row; last the
 * SHA-256 of all before.
 */
const MAGIC = "JLGRAM1\n";

const PREFIX = 12;
const DIGEST = 32;
const LARGEST_HEADER = 2 ** 28;
const PIECE = 2 ** 22;

interface Header extends StoredFacts {
  readonly key: string;
  readonly samples: readonly string[];
  readonly blocks: readonly (readonly string[])[];
}

/** What a file says about itself without its numbers. */
export interface GramFileFacts {
  readonly header: Header;
  /** Bytes before the numbers. */
  readonly offset: number;
}

const numbersOf = ({ samples, classes, blocks }: Header): number => samples.length * classes + 2 * blocks.length * samples.length + triangleSize(samples.length * classes);

const headerOf = ({ key, samples, classes, rounding, checks, alone, blocks }: FreshGram): Buffer => {
  const header: Header = { key, classes, rounding, checks, alone, blocks: blocks.map((b) => b.parameters), samples };
  const text = Buffer.from(JSON.stringify(header));
  const length = Math.ceil((PREFIX + text.length) / 8) * 8 - PREFIX;
  const bytes = Buffer.alloc(PREFIX + length, " ");
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32LE(length, MAGIC.length);
  text.copy(bytes, PREFIX);
  return bytes;
};

/** Bytes that a matrix takes as a file. */
export const bytesOfGram = (gram: FreshGram): number => {
  const header = headerOf(gram);
  return header.length + 8 * numbersOf({ ...gram, blocks: gram.blocks.map((b) => b.parameters) }) + DIGEST;
};

const asBytes = (numbers: Float64Array): Uint8Array => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** Writes pieces gathered to a few MiB, and hashes what it writes. */
class Writer {
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer = Buffer.alloc(PIECE);
  #filled = 0;

  constructor(private readonly file: FileHandle) {}

  async add(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, PIECE - this.#filled);
      this.#buffer.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === PIECE) await this.#flush();
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.file.writeFile(this.#hash.digest());
  }

  async #flush(): Promise<void> {
    const full = this.#buffer.subarray(0, this.#filled);
    this.#hash.update(full);
    await this.file.writeFile(full);
    this.#filled = 0;
  }
}

/** Writes a matrix to a new file. Memory: a few MiB. Rejects with Node's own error. */
export const writeGramFile = async (path: string, gram: FreshGram): Promise<void> => {
  const file = await open(path, "wx");
  try {
    const writer = new Writer(file);
    await writer.add(headerOf(gram));
    await writer.add(asBytes(gram.outputs));
    for (const { perSample, weighed } of gram.blocks) {
      await writer.add(asBytes(perSample));
      await writer.add(asBytes(weighed));
    }
    const size = gram.samples.length * gram.classes;
    for (let row = 0; row < size; row++) await writer.add(asBytes(gram.matrix.subarray(row * size + row, (row + 1) * size)));
    await writer.finish();
  } finally {
    await file.close();
  }
};

const damaged = (path: string, why: string): Error => new Error(`${path}: ${why}`);

const isStrings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string");

const isHeader = (value: unknown): value is Header =>
  typeof value === "object" && value !== null && "key" in value && typeof value.key === "string" && "samples" in value && isStrings(value.samples)
  && "classes" in value && Number.isSafeInteger(value.classes) && "rounding" in value && typeof value.rounding === "object" && "blocks" in value && Array.isArray(value.blocks) && value.blocks.every(isStrings)
  && "checks" in value && typeof value.checks === "object" && "alone" in value && Array.isArray(value.alone);

const readFully = async (file: FileHandle, path: string, bytes: Uint8Array, position: number, hash?: Hash): Promise<void> => {
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, Math.min(bytes.length, at + 2 ** 26));
    const { bytesRead } = await file.read(piece, 0, piece.length, position + at);
    if (bytesRead === 0) throw damaged(path, "is cut off");
    hash?.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
};

const readHeader = async (file: FileHandle, path: string, hash?: Hash): Promise<GramFileFacts> => {
  const prefix = Buffer.alloc(PREFIX);
  await readFully(file, path, prefix, 0, hash);
  const length = prefix.readUInt32LE(MAGIC.length);
  if (prefix.toString("latin1", 0, MAGIC.length) !== MAGIC || length > LARGEST_HEADER) throw damaged(path, "is no Gram matrix of this version");
  const text = Buffer.alloc(length);
  await readFully(file, path, text, PREFIX, hash);
  const header: unknown = JSON.parse(text.toString());
  if (!isHeader(header)) throw damaged(path, "has a header of another form");
  const { size } = await file.stat();
  if (size !== PREFIX + length + 8 * numbersOf(header) + DIGEST) throw damaged(path, "has not the size that its header tells");
  return { header, offset: PREFIX + length };
};

/** What a file says about itself; its numbers are not looked at. Rejects for one that is not there or damaged. */
export const readGramFacts = async (path: string): Promise<GramFileFacts> => {
  const file = await open(path, "r");
  try {
    return await readHeader(file, path);
  } finally {
    await file.close();
  }
};

/** The whole content; the arrays are owned by the caller. Rejects for a file that is not there or differs from its checksum. */
export const readGramFile = async (path: string): Promise<StoredGram> => {
  const file = await open(path, "r");
  try {
    const hash = createHash("sha256");
    const { header, offset } = await readHeader(file, path, hash);
    let at = offset;
    const take = async (length: number): Promise<Float64Array> => {
      const numbers = new Float64Array(length);
      await readFully(file, path, asBytes(numbers), at, hash);
      at += numbers.byteLength;
      return numbers;
    };
    const n = header.samples.length;
    const outputs = await take(n * header.classes);
    const blocks: StoredGram["blocks"][number][] = [];
    for (const parameters of header.blocks) blocks.push({ parameters, perSample: await take(n), weighed: await take(n) });
    const triangle = await take(triangleSize(n * header.classes));
    const digest = Buffer.alloc(DIGEST);
    await readFully(file, path, digest, at);
    if (!digest.equals(hash.digest())) throw damaged(path, "differs from its checksum");
    return { ...header, outputs, blocks, triangle };
  } finally {
    await file.close();
  }
};
