import { residualOf } from "../../theory/fit.ts";
import { DEFAULT_PERMUTATIONS, permutedLabels } from "../../theory/random-labels.ts";
import { targetsOf } from "./labels.ts";
import type { Labels } from "../../data/dataset.ts";
import type { Loss } from "../request.ts";

/** A vector z ∈ R^{nK} whose coefficients on the left singular vectors the eigen-analysis brings back. */
export interface CarriedVector {
  readonly role: "labels" | "residual" | "permutation";
  /** [n·K]; not to be written to. */
  readonly values: Float64Array;
}

/** What is known before the eigen-analysis. */
export interface Observed {
  /** f(θ), [n·K], sample-major. */
  readonly predictions: Float64Array;
  readonly labels: Labels | null;
  /** n; K is predictions.length/n. */
  readonly samples: number;
  readonly loss: Loss;
  readonly seed: number;
  /** Permutations of the labels for the random baseline; default 20, 0 for none. */
  readonly permutations?: number;
}

/**
 * The vectors to carry through the eigen-analysis: labels, residual, then the permuted labels; none without labels. Deterministic in `seed`.
 * @throws LensError LABEL_COUNT, LABEL_RANGE.
 */
export const vectorsToCarry = ({ predictions, labels, samples, loss, seed, permutations = DEFAULT_PERMUTATIONS }: Observed): CarriedVector[] => {
  if (labels === null) return [];
  const outputs = predictions.length / samples;
  const { y } = targetsOf(labels, samples, outputs);
  return [
    { role: "labels", values: y },
    { role: "residual", values: residualOf(predictions, y, loss, outputs) },
    ...permutedLabels(y, outputs, seed, permutations).map((values): CarriedVector => ({ role: "permutation", values })),
  ];
};
