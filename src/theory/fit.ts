import { sumOf, squaredNorm } from "./sum.ts";
import type { Loss } from "./learning-rate.ts";

/** How well f fits y at this checkpoint. */
export interface Fit {
  /** L = ½‖f − y‖², or Σ_i −Σ_k y_ik log p_ik for cross-entropy: a sum over the samples, not a mean. */
  readonly loss: number;
  /** Share of samples whose largest output (the first of equals) is the label's; null without class labels. */
  readonly accuracy: number | null;
  /** 1 − accuracy. */
  readonly error: number | null;
  /** f_{i,y_i} − max_{k≠y_i} f_{i,k} over the samples; null without class labels. */
  readonly margin: null | { readonly smallest: number; readonly median: number; readonly largest: number };
}

/** log softmax of every sample's K outputs, [n·K]; exact where exponentials would overflow. Owned by the caller. */
export const logSoftmax = (predictions: Float64Array, outputs: number): Float64Array => {
  const result = new Float64Array(predictions.length);
  for (let start = 0; start < predictions.length; start += outputs) {
    const row = predictions.subarray(start, start + outputs);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    row.forEach((value, k) => (result[start + k] = value - largest - logSum));
  }
  return result;
};

/**
 * r = f − y for l2, softmax(f) − y for cross-entropy, [n·K]. Owned by the caller.
 * @source Oymak et al. 2019, §2; cross-entropy derived (THEORY §1).
 */
export const residualOf = (predictions: Float64Array, y: Float64Array, loss: Loss, outputs: number): Float64Array => {
  const fitted = loss === "l2" ? predictions : logSoftmax(predictions, outputs).map(Math.exp);
  return fitted.map((value, row) => value - y[row]!);
};

/** One sample's margin, the label's output over the best of the others, and whether it is the prediction: the first of equal outputs is. */
const marginOf = (row: Float64Array, label: number): { margin: number; right: boolean } => {
  let best = label === 0 ? 1 : 0;
  row.forEach((value, k) => {
    if (k !== label && value > row[best]!) best = k;
  });
  const margin = row[label]! - row[best]!;
  return { margin, right: margin > 0 || (margin === 0 && label < best) };
};

const marginsOf = (predictions: Float64Array, classes: Int32Array, outputs: number): Pick<Fit, "accuracy" | "error" | "margin"> => {
  const rows = Array.from(classes, (label, i) => marginOf(predictions.subarray(i * outputs, (i + 1) * outputs), label));
  const margins = Float64Array.from(rows, (row) => row.margin).sort();
  const right = rows.filter((row) => row.right).length;
  const middle = (margins.length - 1) / 2;
  const median = (margins[Math.floor(middle)]! + margins[Math.ceil(middle)]!) / 2;
  return {
    accuracy: right / rows.length,
    error: (rows.length - right) / rows.length,
    margin: { smallest: margins[0]!, median, largest: margins.at(-1)! },
  };
};

/** The fit of predictions f [n·K] to y [n·K]; `classes` [n] are the labels where y is one-hot with K ≥ 2, else null (regression). Cost: O(nK). */
export const fitOf = (predictions: Float64Array, y: Float64Array, classes: Int32Array | null, loss: Loss, outputs: number): Fit => {
  const value = loss === "l2"
    ? squaredNorm(residualOf(predictions, y, loss, outputs)) / 2
    : sumOf(logSoftmax(predictions, outputs).map((log, row) => (y[row] === 0 ? 0 : -y[row]! * log)));
  const none = { accuracy: null, error: null, margin: null };
  return { loss: value, ...(classes !== null && classes.length > 0 && outputs > 1 ? marginsOf(predictions, classes, outputs) : none) };
};
