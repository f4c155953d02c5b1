/** Which loss a residual and a Jacobian belong to. THEORY §1. */
export type Loss = "l2" | "cross-entropy";

/** Learning rates at which gradient descent follows its linearisation, and at which it diverges. */
export interface LearningRates {
  /** λ_1², the largest eigenvalue of JᵀJ: the curvature of ½‖r‖² along v_1. */
  readonly sharpness: number;
  /** 1/λ_1², the largest η that the theory allows (β = λ_1). */
  readonly theory: number;
  /** 2/λ_1²: the linearised descent diverges from here on. */
  readonly divergence: number;
  /**
   * The same in learning rates of a framework, per loss convention C of `CONVENTIONS`: "C.theory", "C.divergence"; when a learning rate was given
   * also "C.eta" (what η it is, if the user's loss is C) and "C.ofDivergence" (η divided by 2/λ_1²; stable below 1).
   * Null where a result was made without them.
   */
  readonly inUsersUnits: Readonly<Record<string, number>> | null;
}

/** lr/η of a framework's loss, for n samples and K outputs. */
type Factor = (samples: number, outputs: number) => number;

/**
 * Losses as frameworks write them, and lr/η for each, where η is the step on L = ½Σr² (l2) or L = Σ_i −log p_i (cross-entropy).
 * l2: `meanOfSquares` (1/nK)Σr² (PyTorch MSELoss, Keras mse), `sumOfSquares` Σr², `halfMeanOverSamples` (1/2n)Σr², `halfSum` ½Σr² (the paper's).
 * @source Oymak et al. 2019, §2 for L = ½‖r‖²; the factors are derived.
 */
export const CONVENTIONS: Readonly<Record<Loss, Readonly<Record<string, Factor>>>> = {
  l2: {
    meanOfSquares: (samples, outputs) => (samples * outputs) / 2,
    sumOfSquares: () => 1 / 2,
    halfMeanOverSamples: (samples) => samples,
    halfSum: () => 1,
  },
  "cross-entropy": {
    meanOverSamples: (samples) => samples,
    sum: () => 1,
  },
};

/**
 * Learning-rate limits for the largest singular value λ_1 > 0 of J (of J̃ for cross-entropy); `learningRate` is the user's own, if told.
 * @source Oymak et al. 2019, Thm 5.3 (η ≤ 1/β²) and Cor 6.6 (stable for η < 2/λ_1²).
 */
export const learningRates = (largest: number, loss: Loss, samples: number, outputs: number, learningRate?: number): LearningRates => {
  const sharpness = largest * largest;
  const [theory, divergence] = [1 / sharpness, 2 / sharpness];
  const inUsersUnits: Record<string, number> = {};
  for (const [convention, factor] of Object.entries(CONVENTIONS[loss])) {
    const perEta = factor(samples, outputs);
    inUsersUnits[`${convention}.theory`] = theory * perEta;
    inUsersUnits[`${convention}.divergence`] = divergence * perEta;
    if (learningRate === undefined) continue;
    inUsersUnits[`${convention}.eta`] = learningRate / perEta;
    inUsersUnits[`${convention}.ofDivergence`] = learningRate / perEta / divergence;
  }
  return { sharpness, theory, divergence, inUsersUnits };
};
