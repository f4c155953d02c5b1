import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { openDataset } from "../../../src/data/read-dataset.ts";
import { fixture } from "./fixtures.ts";

interface Bad {
  readonly code: string;
  readonly says: RegExp;
  readonly loss?: "cross-entropy";
}

/** Every file under bad/ with the error it must give, for a model of three outputs. */
const BAD: Readonly<Record<string, Bad>> = {
  "truncated.npy": { code: "NPY_TRUNCATED", says: /has 223 bytes where its shape \[4, 3, 2\] needs 224/ },
  "truncated-header.npy": { code: "NPY_TRUNCATED", says: /inside its header \(40 bytes\)/ },
  "truncated-magic.npy": { code: "NPY_TRUNCATED", says: /inside its header \(7 bytes\)/ },
  "not-an.npy": { code: "NPY_MAGIC", says: /does not begin with/ },
  "version9.npy": { code: "NPY_VERSION", says: /version 9; 1 to 3/ },
  "no-shape.npy": { code: "NPY_HEADER", says: /does not name descr, fortran_order and shape/ },
  "bad-shape.npy": { code: "NPY_HEADER", says: /shape \(4, x, 2\)/ },
  "empty.npy": { code: "DATA_EMPTY", says: /file is empty/ },
  "notes.txt": { code: "DATA_FORMAT", says: /no known data format/ },
  "object.npy": { code: "NPY_OBJECT", says: /Python objects/ },
  "structured.npy": { code: "NPY_STRUCTURED", says: /structured array/ },
  "text.npy": { code: "NPY_DTYPE", says: /<U1/ },
  "complex.npy": { code: "NPY_DTYPE", says: /<c16/ },
  "no-rows.npy": { code: "DATA_EMPTY", says: /\[0, 3\] holds no numbers/ },
  "truncated.npz": { code: "NPZ_DAMAGED", says: /no zip directory/ },
  "local-header.npz": { code: "NPZ_DAMAGED", says: /"y.npy" is not where the directory says/ },
  "bit-flipped.npz": { code: "NPZ_DAMAGED", says: /array "y"/ },
  "long-flipped.npz": { code: "NPZ_DAMAGED", says: /array "x": (?:cannot be inflated|its content|inflates to)/ },
  "pickled-x.npz": { code: "NPY_OBJECT", says: /array "x": holds Python objects/ },
  "ambiguous-x.npz": { code: "DATA_ARRAYS", says: /inputs: train float32\[6, 3\]; test float32\[6, 3\]/ },
  "ambiguous-y.npz": { code: "DATA_ARRAYS", says: /labels: coarse int64\[6\]; fine int64\[6\]/ },
  "lengths.npz": { code: "DATA_LENGTH", says: /x has 6 rows and y \[5\] has 5/ },
  "scalars.npz": { code: "DATA_ARRAYS", says: /no array can be the inputs; it has a float32\[\]; b float32\[\]/ },
  "nan-x.npz": { code: "DATA_NAN", says: /x\[4, 1\] is NaN/ },
  "infinite-y.npz": { code: "DATA_NAN", says: /y\[2\] is Infinity/ },
  "label-range.npz": { code: "LABEL_RANGE", says: /y\[3\] is 3, but the model has 3 outputs/ },
  "label-value.npz": { code: "LABEL_VALUE", says: /y\[2\] is 0.5/ },
  "label-shape.npz": { code: "LABEL_SHAPE", says: /y \[6, 2\] has 2 numbers per sample, the model has 3 outputs/ },
  "not-probabilities.npz": { code: "LABEL_LOSS", says: /row 0 of y is not a probability distribution \(its sum is 2\)/, loss: "cross-entropy" },
  "bzip2.npz": { code: "NPZ_METHOD", says: /zip method 12/ },
  "no-arrays.npz": { code: "DATA_EMPTY", says: /holds no arrays/ },
  "encrypted.npz": { code: "NPZ_ENCRYPTED", says: /is encrypted/ },
  "cell.csv": { code: "CSV_CELL", says: /line 3, column 2 \(b\): "four" is not a number/ },
  "empty-cell.csv": { code: "CSV_CELL", says: /line 2, column 2 \(b\): is empty/ },
  "ragged.csv": { code: "CSV_COLUMNS", says: /line 3: has 2 columns where the first line has 3/ },
  "quote.csv": { code: "CSV_SYNTAX", says: /[Qq]uote/ },
  "two-labels.csv": { code: "DATA_ARRAYS", says: /label and target could all be the labels/ },
  "header-only.csv": { code: "DATA_EMPTY", says: /no line of numbers/ },
  "only-labels.csv": { code: "DATA_ARRAYS", says: /no column is left for the inputs \(columns: label\)/ },
  "nan.csv": { code: "DATA_NAN", says: /x\[1, 0\] is NaN/ },
};

it("every bad file of the corpus has its entry", () => {
  expect(readdirSync(fixture("bad")).sort()).toEqual(Object.keys(BAD).sort());
});

it.each(Object.entries(BAD))("%s is refused with its own error", async (name, { code, says, loss }) => {
  const path = fixture(`bad/${name}`);
  const error: unknown = await openDataset(path, { seed: 0 }, { outputs: 3, loss: loss ?? "l2" }).then(() => undefined, (reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  const { message, hint } = error as { message: string; hint: string };
  expect(message).toMatch(says);
  expect(message).toContain(path);
  expect(hint.length).toBeGreaterThan(10);
});

const ASKED = [
  ["a file that is not there", "good/absent.npz", {}, "DATA_MISSING", /there is no such file/],
  ["a folder", "good", {}, "DATA_UNREADABLE", /good/],
  ["an array that the file does not have", "good/stored.npz", { x: "images" }, "DATA_ARRAY_NAME", /no array called "images"; it has x float32\[6, 3\]; y int64\[6\]/],
  ["labels that are pickled", "good/deflated.npz", { y: "pickled" }, "NPY_OBJECT", /array "pickled"/],
  ["a column that the table does not have", "good/semicolons.csv", { y: "species" }, "DATA_ARRAY_NAME", /columns: a, b, c, label/],
  ["more samples than there are", "good/stored.npz", { samples: 7 }, "DATA_SAMPLES", /has 6 rows, fewer than the 7/],
] as const;

it.each(ASKED)("asking for %s is refused", async (_, name, selection, code, says) => {
  const error: unknown = await openDataset(fixture(name), { seed: 0, ...selection }, { outputs: 3, loss: "l2" }).then(() => undefined, (reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).toMatch(says);
});
