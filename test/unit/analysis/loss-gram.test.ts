import { describe, expect, it } from "vitest";
import { crossEntropyMetric, toCrossEntropy } from "../../../src/analysis/methods/loss-gram.ts";
import { random } from "../../../src/core/random.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);

/** L = diag(√p) − p√pᵀ as THEORY §1 writes it, with p = softmax(f) in extended steps: 1 − p from the other terms. */
const lossFactor = (f: readonly number[]): number[][] => {
  const terms = f.map((value) => Math.exp(value - Math.max(...f)));
  const total = terms.reduce((a, b) => a + b, 0);
  const p = terms.map((t) => t / total);
  const rest = terms.map((_, k) => terms.reduce((sum, t, l) => (l === k ? sum : sum + t), 0) / total);
  return p.map((pj, j) => p.map((pk, k) => Math.sqrt(pk) * (j === k ? rest[k]! : -pj)));
};

describe(`the Gram matrix of another loss (seed ${SEED})`, () => {
  it.each([["undecided", 1, 1e-13], ["confident", 12, 1e-10], ["certain", 40, 1e-6]])("equals that of LᵀJ formed row by row, for %s samples entry by entry", (_, spread, tolerance) => {
    const draws = random(SEED, "loss");
    const [n, classes, parameters] = [5, 4, 6];
    const size = n * classes;
    const jacobian = Array.from({ length: size }, () => Array.from(draws.normals(parameters)));
    const outputs = draws.normals(size).map((value) => spread * value);
    const matrix = Float64Array.from(jacobian.flatMap((a) => jacobian.map((b) => a.reduce((sum, value, e) => sum + value * b[e]!, 0))));
    const rows = Array.from({ length: size }, (_row, r) => {
      const sample = Math.floor(r / classes);
      const factor = lossFactor(Array.from(outputs.subarray(sample * classes, (sample + 1) * classes)));
      return Array.from({ length: parameters }, (_column, e) => factor.reduce((sum, row, l) => sum + row[r % classes]! * jacobian[sample * classes + l]![e]!, 0));
    });
    toCrossEntropy(matrix, outputs, classes);
    const norms = rows.map((row) => Math.hypot(...row));
    rows.forEach((a, i) => { rows.forEach((b, j) => {
      const wanted = a.reduce((sum, value, e) => sum + value * b[e]!, 0);
      expect(Math.abs(matrix[i * size + j]! - wanted)).toBeLessThanOrEqual(tolerance * norms[i]! * norms[j]!);
    }); });
  });

  it("weighs a block's own part by LLᵀ", () => {
    const f = [0.3, -1.2, 2.5];
    const factor = lossFactor(f);
    const wanted = factor.flatMap((a) => factor.map((b) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)));
    crossEntropyMetric(f).forEach((value, e) => { expect(value).toBeCloseTo(wanted[e]!, 15); });
  });
});
