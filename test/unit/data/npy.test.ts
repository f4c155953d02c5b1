import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { float32, float64, int64, type Tensor } from "../../../src/core/tensor.ts";
import type { ArraySource, DataFile } from "../../../src/data/dataset.ts";
import { openDataFile } from "../../../src/data/open.ts";
import { writeNpy, writeNpyFile, writeNpz } from "../../../src/data/write-npy.ts";
import { fixture } from "./fixtures.ts";

const using = async <T>(path: string, work: (file: DataFile) => Promise<T>): Promise<T> => {
  const file = await openDataFile(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
};

const first = (file: DataFile): ArraySource => {
  const [array] = file.arrays;
  if (!array) throw new Error(`${file.path} has no array`);
  return array;
};

/** The numbers 0 … 23 as make.py stores them in each type. */
const stored = (kind: string): (number | bigint)[] =>
  Array.from({ length: 24 }, (_, i) => {
    if (kind === "b1") return i % 2 === 0 ? 1 : 0;
    if (kind.startsWith("f")) return -i / 4;
    const value = kind.startsWith("i") && i > 0 ? -i : i;
    return kind.endsWith("8") ? BigInt(value) : value;
  });

const KINDS = { f2: "float32", f4: "float32", f8: "float64", i1: "int8", i2: "int16", i4: "int32", i8: "int64", u1: "uint8", u2: "uint16", u4: "uint32", u8: "uint64", b1: "bool" } as const;

describe.each(Object.entries(KINDS))("a .npy file of type %s", (kind, dtype) => {
  it.each([`${kind}.npy`, `${kind}-big-fortran.npy`])("gives the numbers that NumPy wrote: %s", async (name) => {
    await using(fixture(`good/${name}`), async (file) => {
      const array = first(file);
      expect([array.dtype, array.shape]).toEqual([dtype, [4, 3, 2]]);
      const whole = await array.read(0, 4);
      expect(Array.from<number | bigint>(whole.data).map((value) => (value === 0 ? 0 : value))).toEqual(stored(kind).map((value) => (value === 0 ? 0 : value)));
      const part = await array.read(1, 3);
      expect(part.shape).toEqual([2, 3, 2]);
      expect(Array.from<number | bigint>(part.data)).toEqual(stored(kind).slice(6, 18));
    });
  });
});

it("float16 is widened exactly, subnormals, infinities and NaN included", async () => {
  await using(fixture("good/half-limits.npy"), async (file) => {
    const { data } = await first(file).read(0, 8);
    expect(Array.from<number | bigint>(data)).toEqual([0, -0, 2 ** -24, 2 ** -14, 65504, Infinity, -Infinity, NaN]);
  });
});

it.each([2, 3])("version %i of the format is read like version 1", async (version) => {
  await using(fixture(`good/version${version}.npy`), async (file) => {
    const { data } = await first(file).read(3, 4);
    expect(Array.from<number | bigint>(data)).toEqual([18, 19, 20, 21, 22, 23]);
  });
});

it("a deflated archive is listed with its shapes, its pickled array skipped with the reason", async () => {
  await using(fixture("good/deflated.npz"), (file) => {
    expect(file.arrays.map(({ name, shape, dtype }) => [name, shape, dtype])).toEqual([["x", [6, 3], "float32"], ["y", [6], "int64"]]);
    expect(file.skipped.map(({ name, reason }) => [name, reason.code])).toEqual([["pickled", "NPY_OBJECT"]]);
    return Promise.resolve();
  });
});

it.each(["deflated.npz", "zip64.npz"])("%s holds the same numbers as the stored archive", async (name) => {
  const read = (path: string): Promise<(number | bigint)[]> =>
    using(path, async (file) => {
      const tensors = await Promise.all(file.arrays.map((array) => array.read(0, 6)));
      return tensors.flatMap((tensor) => Array.from<number | bigint>(tensor.data));
    });
  expect(await read(fixture(`good/${name}`))).toEqual(await read(fixture("good/stored.npz")));
});

it("an array that is deflated to more than its first block is read whole", async () => {
  await using(fixture("good/long.npz"), async (file) => {
    const { data } = await first(file).read(2998, 3000);
    expect(Array.from<number | bigint>(data)).toEqual(Array.from({ length: 40 }, (_, i) => 59960 + i));
  });
});

it("what is written is what is read, byte for byte as NumPy writes it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lens-npy-"));
  try {
    const tensors: Record<string, Tensor> = { "fc.weight": float32([2, 3], [1, 2, 3, 4, 5, 6]), scalar: float64([], [0.1]), big: int64([1], [-(2 ** 52)]) };
    await writeFile(join(folder, "a.npz"), writeNpz(tensors));
    await using(join(folder, "a.npz"), async (file) => {
      for (const array of file.arrays) expect(await array.read(0, array.shape[0] ?? 1)).toEqual(tensors[array.name]);
      expect(file.arrays.map(({ name }) => name)).toEqual(Object.keys(tensors));
    });
    await writeNpyFile(join(folder, "b.npy"), float32([1], [7]));
    await using(join(folder, "b.npy"), async (file) => { expect((await first(file).read(0, 1)).data).toEqual(Float32Array.of(7)); });
    await expect(writeNpyFile(join(folder, "none", "b.npy"), float32([1], [7]))).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    await rm(folder, { recursive: true });
  }
  const written = await using(fixture("good/f4.npy"), async (file) => writeNpy(await first(file).read(0, 4)));
  expect(Buffer.from(written).equals(await readFile(fixture("good/f4.npy")))).toBe(true);
});
