import { describe, expect, it } from "vitest";
import { fitOf, logSoftmax, residualOf } from "../../../src/theory/fit.ts";
import { reference } from "./reference.ts";

const CASES = ["cnn-batchnorm", "cnn-folded", "mlp-relu", "one-hidden", "resnet20", "transformer"];
const oneHot = (classes: Int32Array, outputs: number): Float64Array => {
  const y = new Float64Array(classes.length * outputs);
  classes.forEach((label, i) => (y[i * outputs + label] = 1));
  return y;
};

describe("the fit", () => {
  it.each(CASES)("loss of %s is half the squared residual that PyTorch found", (name) => {
    const classes = Int32Array.from(reference(`${name}/y`));
    const { loss } = fitOf(reference(`${name}/f`), oneHot(classes, 10), classes, "l2", 10);
    const squared = reference(`${name}/energy_r`).reduce((a, b) => a + b, 0);
    expect(loss / (squared / 2)).toBeCloseTo(1, 9);
  });

  it.each(CASES)("accuracy of %s is that of the largest outputs", (name) => {
    const f = reference(`${name}/f`);
    const classes = Int32Array.from(reference(`${name}/y`));
    const right = Array.from(classes).filter((label, i) => {
      const row = Array.from(f.subarray(10 * i, 10 * i + 10));
      return row.indexOf(Math.max(...row)) === label;
    }).length;
    const fit = fitOf(f, oneHot(classes, 10), classes, "l2", 10);
    expect(fit.accuracy).toBe(right / classes.length);
    expect(fit.error! + fit.accuracy!).toBeCloseTo(1, 15);
  });

  it("margins are the label's output less the best other", () => {
    const f = Float64Array.of(3, 1, 2, /**/ 0, 5, 1, /**/ 1, 2, 4, /**/ 0, 0, -1);
    const classes = Int32Array.of(0, 1, 0, 1);
    // 3−2, 5−1, 1−4, 0−0 (a tie that the first wins: wrong here)
    expect(fitOf(f, oneHot(classes, 3), classes, "l2", 3)).toMatchObject({ accuracy: 0.5, error: 0.5, margin: { smallest: -3, median: 0.5, largest: 4 } });
  });

  it("a tie goes to the first of the equal outputs", () => {
    const classes = Int32Array.of(0);
    expect(fitOf(Float64Array.of(2, 2), oneHot(classes, 2), classes, "l2", 2).accuracy).toBe(1);
  });

  it("regression has a loss and no accuracy", () => {
    expect(fitOf(Float64Array.of(1, 3), Float64Array.of(0, 1), null, "l2", 1)).toEqual({ loss: 2.5, accuracy: null, error: null, margin: null });
  });

  it("cross-entropy sums −log p over the samples", () => {
    const classes = Int32Array.of(1, 0);
    const { loss } = fitOf(Float64Array.of(0, Math.log(3), 0, 0), oneHot(classes, 2), classes, "cross-entropy", 2);
    expect(loss).toBeCloseTo(-Math.log(0.75) - Math.log(0.5), 14);
  });

  it("outputs whose exponentials overflow still have a softmax", () => {
    const f = Float64Array.of(1000, 999, -1000);
    expect(Array.from(logSoftmax(f, 3))).toEqual([expect.closeTo(-0.3132616875182228, 12), expect.closeTo(-1.3132616875182228, 12), expect.closeTo(-2000.3132616875182, 10)]);
    const r = residualOf(f, Float64Array.of(1, 0, 0), "cross-entropy", 3);
    expect(r.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 14);
    expect(r[0]).toBeCloseTo(0.7310585786300049 - 1, 12);
  });
});
