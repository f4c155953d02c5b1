import type { Metric } from "../../jacobian/block-norms.ts";
import { mirror } from "../../jacobian/tiles.ts";
import { probabilitiesOf } from "../cotangents.ts";

/** For every k the sum of all other terms, without the cancellation of a difference from the whole; `terms` and `others`: [K]. */
const sumsOfOthers = (terms: Float64Array, others: Float64Array): void => {
  let before = 0;
  for (let k = 0; k < terms.length; k++) {
    others[k] = before;
    before += terms[k] ?? 0;
  }
  let after = 0;
  for (let k = terms.length - 1; k >= 0; k--) {
    others[k] = (others[k] ?? 0) + after;
    after += terms[k] ?? 0;
  }
};

/** L_i of a sample: probabilities p, their roots, and 1 − p. */
interface Factor {
  readonly p: Float64Array;
  readonly root: Float64Array;
  readonly rest: Float64Array;
}

const factorOf = (p: Float64Array): Factor => {
  const rest = new Float64Array(p.length);
  sumsOfOthers(p, rest);
  return { p, root: p.map(Math.sqrt), rest };
};

/** L_i of every sample, from outputs f [n·K]. */
const factorsOf = (outputs: Float64Array, classes: number): Factor[] => {
  const probabilities = probabilitiesOf(outputs, classes);
  return Array.from({ length: outputs.length / classes }, (_, i) => factorOf(probabilities.subarray(i * classes, (i + 1) * classes)));
};

/** L_iᵀz in place: entry k is √p_k((1 − p_k)z_k − Σ_{l≠k} p_l z_l). `work`: two arrays [K]. */
const applyTransposed = ({ p, root, rest }: Factor, z: Float64Array, [terms, others]: readonly [Float64Array, Float64Array]): void => {
  for (let k = 0; k < z.length; k++) terms[k] = (p[k] ?? 0) * (z[k] ?? 0);
  sumsOfOthers(terms, others);
  for (let k = 0; k < z.length; k++) z[k] = (root[k] ?? 0) * ((rest[k] ?? 0) * (z[k] ?? 0) - (others[k] ?? 0));
};

/**
 * G = JJᵀ becomes G̃ = LᵀGL = J̃J̃ᵀ, J̃ = LᵀJ of softmax cross-entropy at outputs f [n·K], in place: no derivative is needed again. Each sample's
 * entries are combined without cancellation of their own, so that confident samples (p near 0 and 1) keep their digits.
 * `matrix` [n·K, n·K], symmetric before and after. Cost: 6·(nK)² FLOPs in float64.
 * @source THEORY §1.
 */
export const toCrossEntropy = (matrix: Float64Array, outputs: Float64Array, classes: number): void => {
  const size = outputs.length;
  const factors = factorsOf(outputs, classes);
  const work = [new Float64Array(classes), new Float64Array(classes)] as const;
  const column = new Float64Array(classes);
  factors.forEach((left, i) => {
    for (let k = 0; k < classes; k++) {
      const row = (i * classes + k) * size;
      for (let j = i; j < factors.length; j++) {
        const right = factors[j];
        if (right) applyTransposed(right, matrix.subarray(row + j * classes, row + (j + 1) * classes), work);
      }
    }
    for (let c = i * classes; c < size; c++) {
      for (let k = 0; k < classes; k++) column[k] = matrix[(i * classes + k) * size + c] ?? 0;
      applyTransposed(left, column, work);
      for (let k = 0; k < classes; k++) matrix[(i * classes + k) * size + c] = column[k] ?? 0;
    }
  });
  mirror(matrix, size);
};

/**
 * For independent errors of entries of G with standard deviations in proportion to √(D_i·D_j), D [n·K] the squared norms of its rows: the D of
 * those of LᵀGL. Owned by the caller. Cost: n·K² FLOPs.
 */
export const crossEntropySquares = (squares: Float64Array, outputs: Float64Array, classes: number): Float64Array => {
  const factors = factorsOf(outputs, classes);
  return squares.map((_, row) => {
    const own = row % classes;
    const { p, rest } = factors[(row - own) / classes]!;
    return p[own]! * p.reduce((sum, value, k) => sum + (k === own ? rest[k]! : value) ** 2 * squares[row - own + k]!, 0);
  });
};

/** H_i = L_iL_iᵀ = diag(p_i) − p_ip_iᵀ, [K, K]: the weights with which a block's own part gives ‖L_iᵀJ_ℓ,i‖_F². */
export const crossEntropyMetric: Metric = (outputs) => {
  const classes = outputs.length;
  const { p, rest } = factorOf(probabilitiesOf(Float64Array.from(outputs), classes));
  const weights = new Float64Array(classes * classes);
  for (let k = 0; k < classes; k++) for (let l = 0; l < classes; l++) weights[k * classes + l] = k === l ? (p[k] ?? 0) * (rest[k] ?? 0) : -(p[k] ?? 0) * (p[l] ?? 0);
  return weights;
};
