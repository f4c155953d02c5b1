import { LensError } from "../core/errors.ts";
import { sizeOf, toFloat64, type Tensor } from "../core/tensor.ts";
import type { Labels, RawDataset, RawLabels } from "./dataset.ts";

/** What the model and the analysis ask of the labels. */
export interface Expectation {
  /** K, outputs per sample. */
  readonly outputs: number;
  readonly loss: "l2" | "cross-entropy";
}

type Place = Pick<RawDataset, "path" | "rows">;

const asClasses = ({ name, tensor }: RawLabels, { path, rows }: Place, outputs: number): Labels => {
  const { data, dtype, shape } = tensor;
  const values = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const held = data[i] ?? 0;
    const value = Number(held);
    const where = `${path}: ${name}[${rows[i] ?? i}] is ${held}`;
    if (!Number.isInteger(value)) {
      throw new LensError("LABEL_VALUE", `${where}, which is not a class number, and one target per sample does not fit ${outputs} outputs`, `Write classes as 0 … ${outputs - 1}, or targets as [n, ${outputs}].`);
    }
    if (value < 0 || value >= outputs) {
      throw new LensError("LABEL_RANGE", `${where}, but the model has ${outputs} outputs`, `Labels run from 0 to ${outputs - 1}; check that model and data belong together (labels counted from 1?).`);
    }
    values[i] = value;
  }
  return { kind: "classes", values, name, dtype, shape };
};

const refuseNotProbabilities = (values: Float64Array, name: string, { path, rows }: Place, outputs: number): void => {
  for (let i = 0; i < rows.length; i++) {
    const row = values.subarray(i * outputs, (i + 1) * outputs);
    const sum = row.reduce((a, b) => a + b, 0);
    if (row.every((value) => value >= 0) && Math.abs(sum - 1) <= 1e-4) continue;
    throw new LensError("LABEL_LOSS", `${path}: row ${rows[i] ?? i} of ${name} is not a probability distribution (its sum is ${sum}), which cross-entropy needs`, "Give class labels, rows that sum to 1, or use --loss l2.");
  }
};

const perSample = (tensor: Tensor): number => sizeOf(tensor.shape.slice(1));

/**
 * What the label array means for a model with K outputs. One number per sample: classes 0 … K−1 (also floats that hold whole numbers) when
 * K > 1, targets when K = 1. K numbers per sample: targets, [n·K] sample-major.
 * @throws LensError LABEL_RANGE (first label outside 0 … K−1, with its row in the file), LABEL_VALUE (one number that is not whole),
 * LABEL_SHAPE (neither 1 nor K numbers per sample), LABEL_LOSS (cross-entropy with one output, or with targets that are not probabilities).
 */
export const resolveLabels = (raw: RawLabels, place: Place, { outputs, loss }: Expectation): Labels => {
  if (loss === "cross-entropy" && outputs === 1) {
    throw new LensError("LABEL_LOSS", `${place.path}: cross-entropy needs at least two outputs, the model has one`, "Use --loss l2.");
  }
  const width = perSample(raw.tensor);
  if (width === 1 && outputs > 1) return asClasses(raw, place, outputs);
  if (width !== outputs) {
    throw new LensError("LABEL_SHAPE", `${place.path}: ${raw.name} [${raw.tensor.shape.join(", ")}] has ${width} numbers per sample, the model has ${outputs} outputs`, `Give one class number or ${outputs} targets per sample.`);
  }
  const values = toFloat64(raw.tensor);
  if (loss === "cross-entropy") refuseNotProbabilities(values, raw.name, place, outputs);
  return { kind: "targets", values, name: raw.name, dtype: raw.tensor.dtype, shape: raw.tensor.shape };
};

/** y ∈ R^{n·K}, sample-major: classes one-hot, targets as they are; a new array owned by the caller. */
export const targetVector = (labels: Labels, outputs: number): Float64Array => (labels.kind === "targets" ? labels.values.slice() : oneHot(labels.values, outputs));

/** One-hot rows of class labels, [n·K] sample-major (i·K + k); owned by the caller. */
export const oneHot = (classes: Int32Array, outputs: number): Float64Array => {
  const result = new Float64Array(classes.length * outputs);
  for (let i = 0; i < classes.length; i++) result[i * outputs + (classes[i] ?? 0)] = 1;
  return result;
};
