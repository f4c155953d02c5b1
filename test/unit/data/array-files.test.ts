import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readArrays, readVector, writeArray, writeArrays } from "../../../src/analysis/array-files.ts";
import { float32, float64, type Tensor } from "../../../src/core/tensor.ts";
import { fixture } from "./fixtures.ts";

it("arrays and vectors survive the way to a file and back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lens-arrays-"));
  try {
    const arrays: Record<string, Tensor> = { "fc.weight": float32([2, 2], [1, 2, 3, 4]), "fc.bias": float64([1], [0.1]) };
    await writeArrays(join(folder, "v.npz"), arrays);
    expect(await readArrays(join(folder, "v.npz"))).toEqual(arrays);
    await writeArray(join(folder, "u.npy"), float32([2, 2], [1, 2, 3, 4]));
    expect(await readVector(join(folder, "u.npy"))).toEqual(Float64Array.of(1, 2, 3, 4));
    await expect(writeArrays(join(folder, "none", "v.npz"), arrays)).rejects.toMatchObject({ code: "WRITE_FAILED" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ["a vector among several arrays", "good/stored.npz", "DATA_ARRAYS"],
  ["a vector with infinities", "good/half-limits.npy", "DATA_NAN"],
  ["a pickled array", "good/deflated.npz", "NPY_OBJECT"],
])("%s is refused", async (_, name, code) => {
  await expect(readVector(fixture(name))).rejects.toMatchObject({ code });
});
