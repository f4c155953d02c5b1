import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { folderStore } from "../../../../src/analysis/cache/folder-store.ts";
import { bytesOfGram } from "../../../../src/analysis/cache/gram-file.ts";
import type { FreshGram, StoredGram } from "../../../../src/analysis/cache/gram-store.ts";
import { smallGram } from "./small-gram.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const [A, B] = ["a".repeat(40), "b".repeat(40)];
const root = mkdtempSync(path.join(tmpdir(), "lens-store-"));
let folder: string;
let count = 0;

beforeEach(() => { folder = path.join(root, String(count++)); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const files = (): string[] => readdirSync(folder).map((name) => path.join(folder, name));

const open = (bytes = 2 ** 20) => folderStore({ folder, bytes });

const kept = async (gram: FreshGram, bytes?: number): Promise<void> => { expect(await open(bytes).put(gram)).toBeNull(); };

/** The whole matrix of an entry, for comparison. */
const square = ({ triangle, samples, classes }: StoredGram): Float64Array => {
  const size = samples.length * classes;
  const matrix = new Float64Array(size * size);
  let at = 0;
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) matrix[i * size + j] = matrix[j * size + i] = triangle[at++]!;
  return matrix;
};

/** Sets the time of last use of the one file that was not there before. */
const usedAt = async (gram: FreshGram, seconds: number): Promise<string> => {
  const before = new Set(readdirSync(root).includes(path.basename(folder)) ? files() : []);
  await kept(gram);
  const [file] = files().filter((f) => !before.has(f));
  utimesSync(file!, seconds, seconds);
  return file!;
};

describe(`Gram matrices in a folder (seed ${SEED})`, () => {
  it("come back as they were, to the last bit, in another process's store", async () => {
    const { matrix, ...gram } = smallGram(SEED, A, ["x", "y", "z"]);
    await kept({ ...gram, matrix });
    const found = await open().find(A, ["z"], 2 ** 20);
    expect({ ...found, triangle: undefined }).toEqual({ ...gram, triangle: undefined });
    expect(square(found!)).toEqual(matrix);
  });

  it("are found under their own key only, and only where a sample is asked for", async () => {
    await kept(smallGram(SEED, A, ["x", "y"]));
    expect(await open().find(B, ["x"], 2 ** 20)).toBeNull();
    expect(await open().find(A, ["w"], 2 ** 20)).toBeNull();
  });

  it("are left alone where they do not fit the memory", async () => {
    await kept(smallGram(SEED, A, ["x", "y"]));
    expect(await open().find(A, ["x"], 79)).toBeNull();
    expect(await open().find(A, ["x"], 80)).not.toBeNull();
  });

  it("the one with the most of the samples asked for is taken", async () => {
    await kept(smallGram(SEED, A, ["x", "y"]));
    await kept(smallGram(SEED, A, ["y", "z", "w"]));
    expect((await open().find(A, ["y", "z"], 2 ** 20))!.samples).toEqual(["y", "z", "w"]);
    expect((await open().find(A, ["x", "y"], 2 ** 20))!.samples).toEqual(["x", "y"]);
  });

  it("one that holds all samples of another replaces it", async () => {
    await kept(smallGram(SEED, A, ["x", "y"]));
    await kept(smallGram(SEED, B, ["x"]));
    await kept(smallGram(SEED, A, ["z", "y", "x"]));
    expect(files()).toHaveLength(2);
    expect((await open().find(A, ["x", "y"], 2 ** 20))!.samples).toHaveLength(3);
  });

  it.each([
    ["cut off", (file: string) => { truncateSync(file, statSync(file).size - 40); }],
    ["empty", (file: string) => { writeFileSync(file, ""); }],
    ["of another version", (file: string) => { const bytes = readFileSync(file); bytes.write("JLGRAM9"); writeFileSync(file, bytes); }],
    ["with a header that is no JSON", (file: string) => { const bytes = readFileSync(file); bytes.write("!", 12); writeFileSync(file, bytes); }],
    ["with one bit of its numbers turned", (file: string) => { const bytes = readFileSync(file); bytes[bytes.length - 50]! ^= 4; writeFileSync(file, bytes); }],
    ["with a header that tells another size", (file: string) => { const bytes = readFileSync(file); writeFileSync(file, bytes.toString("latin1").replace('"classes":2', '"classes":9'), "latin1"); }],
  ])("a file %s counts as absent, is deleted, and the next best is taken", async (_, damage) => {
    await kept(smallGram(SEED, A, ["x", "y", "z"]));
    const [file] = files();
    await kept(smallGram(SEED, A, ["x", "w"]));
    damage(file!);
    expect((await open().find(A, ["x", "y", "z"], 2 ** 20))!.samples).toEqual(["x", "w"]);
    expect(files()).not.toContain(file);
    await kept(smallGram(SEED, A, ["x", "y", "z"]));
    expect((await open().find(A, ["y"], 2 ** 20))!.samples).toEqual(["x", "y", "z"]);
  });

  it("beyond the allowed bytes the one not used for longest goes, and reading one is a use", async () => {
    const grams = ["u", "v", "w"].map((sample) => smallGram(SEED, A, [sample]));
    const first = await usedAt(grams[0]!, 1000);
    const second = await usedAt(grams[1]!, 2000);
    await open().find(A, ["u"], 2 ** 20);
    await kept(grams[2]!, 2 * bytesOfGram(grams[0]!));
    expect(files()).toContain(first);
    expect(files()).not.toContain(second);
    expect(files()).toHaveLength(2);
  });

  it("the folder is bounded by a store that finds what it needs and puts nothing, which reads it first", async () => {
    const grams = ["u", "v", "w"].map((sample) => smallGram(SEED, A, [sample]));
    const [first, second, third] = [await usedAt(grams[0]!, 1000), await usedAt(grams[1]!, 2000), await usedAt(grams[2]!, 3000)];
    expect(await open(2 * bytesOfGram(grams[0]!)).find(A, ["u"], 2 ** 20)).not.toBeNull();
    expect(files().sort()).toEqual([first, third].sort());
    expect(files()).not.toContain(second);
    expect(await open(bytesOfGram(grams[0]!) - 1).find(A, ["u"], 2 ** 20)).not.toBeNull();
    expect(files()).toEqual([]);
  });

  it("the folder is bounded by a store whose own matrix is too large for it", async () => {
    const small = smallGram(SEED, A, ["x"]);
    await usedAt(small, 1000);
    const kept = await usedAt(smallGram(SEED, A, ["y"]), 2000);
    expect(await open(bytesOfGram(small)).put(smallGram(SEED, B, ["x", "y", "z"]))).toMatch(/^it takes/);
    expect(files()).toEqual([kept]);
  });

  it("one larger than all that is allowed is not kept, and the reason says so", async () => {
    const gram = smallGram(SEED, A, ["x"]);
    expect(await open(bytesOfGram(gram) - 1).put(gram)).toMatch(/it takes 1 MiB, and 0 MiB are allowed/);
    expect(await open().find(A, ["x"], 2 ** 20)).toBeNull();
  });

  it("a folder that cannot be made costs the reason, nothing else", async () => {
    writeFileSync(folder, "a file where the folder should be");
    expect(await open().put(smallGram(SEED, A, ["x"]))).toMatch(/EEXIST|ENOTDIR/);
    expect(await open().find(A, ["x"], 2 ** 20)).toBeNull();
  });

  it("many stores write and read one folder at the same time without harm", async () => {
    const samples = Array.from({ length: 12 }, (_, i) => `s${i}`);
    const grams = samples.map((_, i) => smallGram(SEED, A, samples.slice(0, i + 1)));
    await Promise.all(grams.flatMap((gram) => [open().put(gram), open().put(gram), open().find(A, gram.samples, 2 ** 20)]));
    const found = await open().find(A, samples, 2 ** 20);
    expect(square(found!)).toEqual(grams[found!.samples.length - 1]!.matrix);
    expect(found!.samples).toHaveLength(12);
    expect(files().filter((file) => file.endsWith(".partial"))).toEqual([]);
  });

  it("what a killed process left half-written is removed after an hour", async () => {
    await kept(smallGram(SEED, A, ["x"]));
    const [young, old] = [path.join(folder, "young.gram.1.partial"), path.join(folder, "old.gram.2.partial")];
    for (const file of [young, old]) writeFileSync(file, "half");
    utimesSync(old, 1000, 1000);
    await kept(smallGram(SEED, A, ["y"]));
    expect(files()).toContain(young);
    expect(files()).not.toContain(old);
  });
});
