import { LensError } from "../../core/errors.ts";
import type { Labels } from "../../data/dataset.ts";

/** Labels as the theory takes them. */
export interface Targets {
  /** y, [n·K], one-hot for classes. */
  readonly y: Float64Array;
  /** [n] the class of every sample, where there are classes (K ≥ 2); null for regression targets. */
  readonly classes: Int32Array | null;
}

const oneHot = (classes: Int32Array, outputs: number, name: string): Float64Array => {
  const y = new Float64Array(classes.length * outputs);
  classes.forEach((label, i) => {
    if (label < 0 || label >= outputs) {
      throw new LensError("LABEL_RANGE", `Label ${label} of sample ${i} in array ${name} is outside 0…${outputs - 1}; the model has ${outputs} outputs per sample.`, "Check that data and model belong together, and that labels count from 0.");
    }
    y[i * outputs + label] = 1;
  });
  return y;
};

/** The class of every sample where each row of `y` is one-hot with K ≥ 2, else null. */
const classesOf = (y: Float64Array, outputs: number): Int32Array | null => {
  if (outputs < 2) return null;
  const classes = new Int32Array(y.length / outputs);
  for (let i = 0; i < classes.length; i++) {
    const row = y.subarray(i * outputs, (i + 1) * outputs);
    const hot = row.indexOf(1);
    if (hot < 0 || row.some((value, k) => k !== hot && value !== 0)) return null;
    classes[i] = hot;
  }
  return classes;
};

/**
 * y for n samples of K outputs. Class labels become one-hot; targets that are one-hot already keep their classes.
 * @throws LensError LABEL_COUNT when the labels do not fit n·K values, LABEL_RANGE for a class outside 0 … K − 1.
 */
export const targetsOf = (labels: Labels, samples: number, outputs: number): Targets => {
  const expected = labels.kind === "classes" ? samples : samples * outputs;
  if (labels.values.length !== expected) {
    throw new LensError("LABEL_COUNT", `Array ${labels.name} [${labels.shape.join(", ")}] holds ${labels.values.length} values; ${samples} samples with ${outputs} outputs need ${expected}.`, "Choose the array with --y, or check that data and model belong together.");
  }
  if (labels.kind === "targets") return { y: labels.values, classes: classesOf(labels.values, outputs) };
  return { y: oneHot(labels.values, outputs, labels.name), classes: outputs > 1 ? labels.values : null };
};
