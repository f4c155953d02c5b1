import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { bytesOfGram, readGramFacts, readGramFile, writeGramFile } from "./gram-file.ts";
import type { FreshGram, GramStore, StoredGram } from "./gram-store.ts";
import { triangleSize } from "./triangle.ts";

/** A folder that Gram matrices are kept in. Plain data: it crosses processes. */
export interface CacheOptions {
  /** Full path; made when first needed. */
  readonly folder: string;
  /** Bytes that its matrices may take; beyond that the ones not used for longest go. */
  readonly bytes: number;
}

const EXTENSION = ".gram";
const PARTIAL = ".partial";

/** Milliseconds after which a half-written file is one that a killed process left behind. */
const ABANDONED = 3_600_000;

/** One name for one content: two processes that store the same matrix write the same file. */
const fileName = ({ key, samples }: Pick<StoredGram, "key" | "samples">): string => `${key}-${createHash("sha256").update(samples.join()).digest("hex").slice(0, 16)}${EXTENSION}`;

/** Whether an error says that the content is wrong, not that the system would not give it. */
const isDamage = (error: unknown): boolean => error instanceof Error && !("code" in error);

/** Deletes a file; one that another process holds open (Windows) or has deleted stays what it is. */
const remove = (file: string): Promise<void> => rm(file, { force: true }).catch(() => undefined);

/** What `read` gives, or null; a damaged file is deleted, so that it is found damaged once only. */
const unlessDamaged = async <T>(file: string, read: (file: string) => Promise<T>): Promise<T | null> => {
  try {
    return await read(file);
  } catch (error) {
    if (isDamage(error)) await remove(file);
    return null;
  }
};

const filesOf = async (folder: string, ending: string): Promise<string[]> => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name));

interface Candidate {
  readonly file: string;
  readonly shared: number;
  readonly total: number;
  readonly bytes: number;
}

const candidatesFor = async (folder: string, key: string, samples: readonly string[]): Promise<Candidate[]> => {
  const wanted = new Set(samples);
  const found: Candidate[] = [];
  for (const file of await filesOf(folder, EXTENSION)) {
    if (!path.basename(file).startsWith(`${key}-`)) continue;
    const facts = await unlessDamaged(file, readGramFacts);
    if (facts?.header.key !== key) continue;
    const { samples: stored, classes } = facts.header;
    found.push({ file, shared: new Set(stored.filter((sample) => wanted.has(sample))).size, total: stored.length, bytes: 8 * triangleSize(stored.length * classes) });
  }
  return found.filter(({ shared }) => shared > 0).sort((a, b) => b.shared - a.shared || a.total - b.total);
};

/** Deletes what a new matrix holds all samples of. */
const removeHeld = async (folder: string, kept: string, { key, samples }: FreshGram): Promise<void> => {
  const own = new Set(samples);
  for (const { file, shared, total } of await candidatesFor(folder, key, samples)) if (file !== kept && shared === total && own.size >= total) await remove(file);
};

/** Deletes half-written files that were left behind, then the longest unused files until the rest fits; `latest`, just written or read, goes last. */
const makeRoom = async ({ folder, bytes }: CacheOptions, latest: string | null): Promise<void> => {
  for (const file of await filesOf(folder, PARTIAL)) {
    const facts = await stat(file).catch(() => null);
    if (facts && Date.now() - facts.mtimeMs > ABANDONED) await remove(file);
  }
  const files = await Promise.all((await filesOf(folder, EXTENSION)).map(async (file) => ({ file, facts: await stat(file).catch(() => null) })));
  const byUse = files.flatMap(({ file, facts }) => (facts ? [{ file, size: facts.size, used: file === latest ? Infinity : facts.mtimeMs }] : [])).sort((a, b) => b.used - a.used);
  let total = 0;
  for (const { file, size } of byUse) {
    total += size;
    if (total > bytes) await remove(file);
  }
};

/**
 * Gram matrices in a folder, one file each, named by key and samples. Files are written beside and renamed into place, so that several
 * processes may share the folder; each holds its checksum, and one that is damaged or of another version is deleted and counts as absent.
 * The time of a file's last change is that of its last use. Whatever is found or put, the folder is within its bytes afterwards. Cost of `find`: the header of every file under the key, and one whole file.
 */
export const folderStore = (options: CacheOptions): GramStore => {
  const { folder, bytes } = options;
  return {
    async find(key, samples, memory) {
      for (const candidate of await candidatesFor(folder, key, samples)) {
        if (candidate.bytes > memory) continue;
        const gram = await unlessDamaged(candidate.file, readGramFile);
        if (!gram) continue;
        const now = new Date();
        await utimes(candidate.file, now, now).catch(() => undefined);
        await makeRoom(options, candidate.file);
        return gram;
      }
      return null;
    },
    async put(gram) {
      const size = bytesOfGram(gram);
      if (size > bytes) {
        await makeRoom(options, null);
        return `it takes ${Math.ceil(size / 2 ** 20)} MiB, and ${Math.floor(bytes / 2 ** 20)} MiB are allowed for all of them`;
      }
      const file = path.join(folder, fileName(gram));
      const beside = `${file}.${process.pid}-${randomUUID().slice(0, 8)}${PARTIAL}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeGramFile(beside, gram);
        await rename(beside, file);
        await removeHeld(folder, file, gram);
        await makeRoom(options, file);
        return null;
      } catch (error) {
        await remove(beside);
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
};

/** Deletes every stored Gram matrix of a folder, and nothing else in it. Resolves to how many there were. */
export const clearStore = async (folder: string): Promise<number> => {
  const files = await filesOf(folder, EXTENSION);
  for (const file of [...files, ...(await filesOf(folder, PARTIAL))]) await remove(file);
  return files.length;
};
