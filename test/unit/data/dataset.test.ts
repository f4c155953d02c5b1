import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { float32, float64, int64, type Tensor } from "../../../src/core/tensor.ts";
import { batches, gatherRows, rowsOf } from "../../../src/data/batches.ts";
import { convertTo } from "../../../src/data/convert.ts";
import { oneHot, resolveLabels, targetVector } from "../../../src/data/labels.ts";
import { openDataset, readDataset } from "../../../src/data/read-dataset.ts";
import { fixture } from "./fixtures.ts";

const STORED = fixture("good/stored.npz");

const labels = (tensor: Tensor, outputs: number, loss: "l2" | "cross-entropy" = "l2"): ReturnType<typeof resolveLabels> =>
  resolveLabels({ name: "y", tensor }, { path: "data.npz", rows: Uint32Array.from({ length: tensor.shape[0] ?? 0 }, (_, i) => i) }, { outputs, loss });

describe("reading a data set", () => {
  it("takes x and y, and says which file it was", async () => {
    const { x, y, sha256, rows } = await openDataset(STORED, { seed: 0 }, { outputs: 3, loss: "l2" });
    expect([x.dtype, x.shape, Array.from(rows)]).toEqual(["float32", [6, 3], [0, 1, 2, 3, 4, 5]]);
    expect(y).toEqual({ kind: "classes", values: Int32Array.of(0, 2, 1, 1, 0, 2), name: "y", dtype: "int64", shape: [6] });
    expect(sha256).toBe(createHash("sha256").update(await readFile(STORED)).digest("hex"));
  });

  it("the first samples are the first rows", async () => {
    const whole = await readDataset(STORED, { seed: 0 });
    const some = await readDataset(STORED, { seed: 0, samples: 2 });
    expect(some.x).toEqual(rowsOf(whole.x, 0, 2));
    expect(some.y?.tensor.shape).toEqual([2]);
  });

  it("drawn samples are the same for one seed, others for another, and keep x and y together", async () => {
    const whole = await readDataset(fixture("good/semicolons.csv"), { seed: 0 });
    expect(whole.x.shape).toEqual([2, 3]);
    const seeds = [1, 1, 2, 3, 4];
    const drawn = await Promise.all(seeds.map((seed) => readDataset(STORED, { seed, samples: 4, shuffle: true })));
    const all = await readDataset(STORED, { seed: 0 });
    for (const { x, y, rows } of drawn) {
      expect(new Set(rows).size).toBe(4);
      expect(x).toEqual(gatherRows(all.x, rows));
      expect(y?.tensor).toEqual(all.y && gatherRows(all.y.tensor, rows));
    }
    const orders = drawn.map(({ rows }) => rows.join());
    expect(orders[0]).toBe(orders[1]);
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  it("rows drawn from a large deflated array are read in blocks", async () => {
    const { x, rows } = await readDataset(fixture("good/zeros.npz"), { seed: 5, samples: 1500, shuffle: true });
    expect([x.shape, rows.length]).toEqual([[1500, 40], 1500]);
  });

  it("arrays of other names are found when only one fits each place", async () => {
    const { xName, y } = await readDataset(fixture("good/other-names.npz"), { seed: 0 });
    expect([xName, y?.name]).toEqual(["inputs", "digit"]);
  });

  it("flat targets [n·m] count as [n, m]", async () => {
    const { y } = await openDataset(fixture("good/flat-targets.npz"), { seed: 0, samples: 2 }, { outputs: 2, loss: "l2" });
    expect(y).toMatchObject({ kind: "targets", shape: [2, 2], values: Float64Array.of(0, 1, 2, 3) });
  });

  it("a file of one array has inputs and no labels", async () => {
    const { x, y } = await readDataset(fixture("good/f4.npy"), { seed: 0 });
    expect([x.shape, y]).toEqual([[4, 3, 2], null]);
  });
});

describe("CSV", () => {
  it("takes the label column by its name and every other column as input", async () => {
    const { x, y } = await openDataset(fixture("good/semicolons.csv"), { seed: 0 }, { outputs: 3, loss: "l2" });
    expect(x).toEqual(float64([2, 3], [1, 2.5, -0.03, 4, 5, 6]));
    expect(y).toMatchObject({ kind: "classes", values: Int32Array.of(0, 2) });
  });

  it("takes columns by number when there is no header line, and guesses no labels", async () => {
    expect((await readDataset(fixture("good/headerless.csv"), { seed: 0 })).y).toBeNull();
    const { x, y } = await readDataset(fixture("good/headerless.csv"), { seed: 0, y: "3" });
    expect(x.shape).toEqual([2, 2]);
    expect(y?.tensor).toEqual(float64([2], [0, 1]));
  });

  it("takes numbered columns as targets, and inputs by a prefix", async () => {
    const { x, y } = await readDataset(fixture("good/targets.tsv"), { seed: 0, x: "x" });
    expect(x).toEqual(float64([2, 2], [1, 2, 3, 4]));
    expect(y?.tensor).toEqual(float64([2, 2], [0.5, 0.25, 1, 2]));
  });
});

describe("labels", () => {
  it("whole floats are classes when the model has several outputs, and targets when it has one", () => {
    expect(labels(float32([2, 1], [1, 0]), 3).kind).toBe("classes");
    expect(labels(float32([2], [1, 0]), 1)).toMatchObject({ kind: "targets", values: Float64Array.of(1, 0) });
  });

  it("integers [n, K] are targets", () => {
    expect(labels(int64([2, 2], [0, 1, 1, 0]), 2, "cross-entropy")).toMatchObject({ kind: "targets", values: Float64Array.of(0, 1, 1, 0) });
  });

  it("cross-entropy needs more than one output", () => {
    expect(() => labels(float32([1], [1]), 1, "cross-entropy")).toThrow(expect.objectContaining({ code: "LABEL_LOSS" }));
  });

  it("a label out of range is named by its row in the file", () => {
    const place = { path: "data.npz", rows: Uint32Array.of(7, 3) };
    expect(() => resolveLabels({ name: "y", tensor: int64([2], [0, 9]) }, place, { outputs: 3, loss: "l2" })).toThrow(/y\[3\] is 9/);
  });

  it("classes become one-hot rows, sample by sample", () => {
    expect(oneHot(Int32Array.of(1, 0), 3)).toEqual(Float64Array.of(0, 1, 0, 1, 0, 0));
    expect(targetVector(labels(int64([2], [1, 0]), 3), 3)).toEqual(Float64Array.of(0, 1, 0, 1, 0, 0));
  });
});

describe("batches", () => {
  it("share memory with the whole and cover it once", () => {
    const x = float32([5, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const all = [...batches(x, 2)];
    expect(all.map(({ from, to, x: part }) => [from, to, part.shape])).toEqual([[0, 2, [2, 2]], [2, 4, [2, 2]], [4, 5, [1, 2]]]);
    expect(all.every((batch) => batch.x.data.buffer === x.data.buffer)).toBe(true);
    expect(all.flatMap((batch) => Array.from<number | bigint>(batch.x.data))).toEqual(Array.from(x.data));
  });
});

describe("converting element types", () => {
  it("rounds float64 to float32 and keeps 64-bit integers exact", () => {
    expect(convertTo(float64([1], [0.1]), "float32").data).toEqual(Float32Array.of(0.1));
    expect(convertTo(float64([1], [3]), "int64").data).toEqual(BigInt64Array.of(3n));
    const large: Tensor = { dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 63n - 1n) };
    expect(convertTo(large, "int64").data).toEqual(BigInt64Array.of(2n ** 63n - 1n));
  });

  it("is the same tensor when there is nothing to convert", () => {
    const same = float32([1], [1]);
    expect(convertTo(same, "float32")).toBe(same);
  });

  const LOSSY: readonly (readonly [string, Tensor, "float32" | "int64" | "int32" | "uint8" | "float64"])[] = [
    ["a float64 beyond float32", float64([2], [0, 1e39]), "float32"],
    ["a fraction as an integer", float32([2], [0, 0.5]), "int64"],
    ["a float beyond int32", float64([2], [0, 2 ** 31]), "int32"],
    ["a negative number as uint8", float32([2], [0, -1]), "uint8"],
    ["an int64 beyond 2⁵³ as a float", { dtype: "int64", shape: [2], data: BigInt64Array.of(0n, 2n ** 60n + 1n) }, "float64"],
    ["a uint64 beyond int64", { dtype: "uint64", shape: [2], data: BigUint64Array.of(0n, 2n ** 63n) }, "int64"],
  ];
  it.each(LOSSY)("refuses %s, naming the place", (_, tensor, dtype) => {
    expect(() => convertTo(tensor, dtype)).toThrow(/flat index 1/);
  });
});
