import { LensError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { isFloat, sizeOf, type Tensor } from "../core/tensor.ts";
import { rowBytes } from "./batches.ts";
import { chooseArrays } from "./choose-arrays.ts";
import type { ArraySource, Dataset, RawDataset, RawLabels, Selection } from "./dataset.ts";
import { resolveLabels, type Expectation } from "./labels.ts";
import { openDataFile } from "./open.ts";
import { bytesOf, tensorOver } from "./tensor-bytes.ts";

/** The rows that a selection takes from n, in the order in which they become samples. */
export const selectRows = (n: number, selection: Selection, path: string): Uint32Array => {
  const { samples = n, shuffle = false, seed } = selection;
  if (samples > n) throw new LensError("DATA_SAMPLES", `${path}: has ${n} rows, fewer than the ${samples} samples asked for`, `Ask for at most --samples ${n}.`);
  const order = shuffle ? random(seed, "samples").permutation(n) : Uint32Array.from({ length: samples }, (_, i) => i);
  return order.slice(0, samples);
};

/** A flat target array [n·m] counts as [n, m]. */
const asRows = (source: ArraySource, n: number): ArraySource => {
  const length = source.shape[0] ?? 0;
  if (length === n) return source;
  const m = length / n;
  const read = async (from: number, to: number): Promise<Tensor> => {
    const flat = await source.read(from * m, to * m);
    return tensorOver(flat.dtype, [to - from, m], flat.data.buffer, flat.data.byteOffset);
  };
  return { ...source, shape: [n, m], read };
};

/** Reads the chosen rows; a run from the start in one piece, drawn ones in blocks of which only those with a chosen row are read. */
const readRows = async (source: ArraySource, rows: Uint32Array, ordered: boolean): Promise<Tensor> => {
  if (ordered) return source.read(0, rows.length);
  const n = source.shape[0] ?? 0;
  const block = Math.max(1, Math.floor((1 << 21) / Math.max(1, sizeOf(source.shape.slice(1)))));
  const width = rowBytes(source);
  const target = new Uint8Array(width * rows.length);
  const byRow = Uint32Array.from(rows.keys()).sort((a, b) => (rows[a] ?? 0) - (rows[b] ?? 0));
  for (let next = 0; next < byRow.length;) {
    const from = rows[byRow[next] ?? 0] ?? 0;
    const to = Math.min(n, from + block);
    const bytes = bytesOf(await source.read(from, to));
    for (; next < byRow.length; next++) {
      const place = byRow[next] ?? 0;
      const row = rows[place] ?? 0;
      if (row >= to) break;
      target.set(bytes.subarray((row - from) * width, (row - from + 1) * width), place * width);
    }
  }
  return tensorOver(source.dtype, [rows.length, ...source.shape.slice(1)], target.buffer);
};

const positionOf = (flat: number, shape: readonly number[], rows: Uint32Array): string => {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const [row = 0, ...others] = index;
  return [rows[row] ?? row, ...others].join(", ");
};

const refuseNaN = (tensor: Tensor, name: string, rows: Uint32Array, path: string): void => {
  if (!isFloat(tensor.dtype)) return;
  const at = tensor.data.findIndex((value: number | bigint) => !Number.isFinite(value));
  if (at < 0) return;
  throw new LensError("DATA_NAN", `${path}: ${name}[${positionOf(at, tensor.shape, rows)}] is ${tensor.data[at]}`, "Remove or repair samples with values that are not finite numbers.");
};

/**
 * Reads the chosen rows of inputs and labels into memory. Labels are kept as the file has them: see `resolveLabels`.
 * @throws LensError of `openDataFile` and `chooseArrays`; DATA_EMPTY (no rows), DATA_SAMPLES (fewer rows than asked), DATA_NAN with the position.
 */
export const readDataset = async (path: string, selection: Selection): Promise<RawDataset> => {
  const file = await openDataFile(path, selection);
  try {
    const chosen = chooseArrays(file, selection);
    const n = chosen.x.shape[0] ?? 0;
    if (sizeOf(chosen.x.shape) === 0) throw new LensError("DATA_EMPTY", `${path}: ${chosen.x.name} [${chosen.x.shape.join(", ")}] holds no numbers`, "Give at least one sample.");
    const rows = selectRows(n, selection, path);
    const ordered = selection.shuffle !== true;
    const x = await readRows(chosen.x, rows, ordered);
    refuseNaN(x, chosen.x.name, rows, path);
    let y: RawLabels | null = null;
    if (chosen.y) {
      y = { name: chosen.y.name, tensor: await readRows(asRows(chosen.y, n), rows, ordered) };
      refuseNaN(y.tensor, y.name, rows, path);
    }
    return { path, sha256: await file.sha256(), xName: chosen.x.name, x, y, rows };
  } finally {
    await file.close();
  }
};

/** The data set with its labels understood, now that the model's outputs are known. @throws LensError of `resolveLabels`. */
export const resolveDataset = (raw: RawDataset, expectation: Expectation): Dataset => ({ ...raw, y: raw.y && resolveLabels(raw.y, raw, expectation) });

/** `readDataset` and `resolveDataset` in one, where the number of outputs is known beforehand. */
export const openDataset = async (path: string, selection: Selection, expectation: Expectation): Promise<Dataset> => resolveDataset(await readDataset(path, selection), expectation);
