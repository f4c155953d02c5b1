/**
 * For one sample's outputs f_i [K] a symmetric matrix H_i [K, K] by which a block's own part of the sample is weighed: of L_iL_iᵀ it makes
 * the squared norm of the block's part of LᵀJ.
 */
export type Metric = (outputs: ArrayLike<number>) => Float64Array;

/** ‖J_ℓ,i‖_F² of every block ℓ and sample i at [ℓ·n + i], and Σ_kl H_i,kl (J_ℓJ_ℓᵀ)_ik,il where a metric is given. */
export interface BlockNorms {
  readonly samples: number;
  /** K. */
  readonly classes: number;
  readonly plain: Float64Array;
  readonly weighed: Float64Array | null;
  readonly metric: Metric | null;
}

export const emptyNorms = (blocks: number, samples: number, classes: number, metric: Metric | null): BlockNorms => ({
  samples, classes, metric, plain: new Float64Array(blocks * samples), weighed: metric ? new Float64Array(blocks * samples) : null,
});

const traceOf = (own: ArrayLike<number>, at: number, classes: number): number => {
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += own[at + k * (classes + 1)] ?? 0;
  return sum;
};

const weigh = (own: ArrayLike<number>, at: number, weights: Float64Array): number => weights.reduce((sum, weight, e) => sum + weight * (own[at + e] ?? 0), 0);

/** Enters block `block`'s parts of samples from `first` on with themselves, `own` [m, K, K]; `outputs`: their f, [m·K]. */
export const addNorms = ({ samples, classes, plain, weighed, metric }: BlockNorms, block: number, first: number, outputs: Float32Array | Float64Array, own: ArrayLike<number>): void => {
  const pairs = classes * classes;
  for (let i = 0; i * pairs < own.length; i++) {
    plain[block * samples + first + i] = traceOf(own, i * pairs, classes);
    if (weighed && metric) weighed[block * samples + first + i] = weigh(own, i * pairs, metric(outputs.subarray(i * classes, (i + 1) * classes)));
  }
};
