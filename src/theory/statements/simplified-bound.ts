import { energyOf } from "../energy.ts";
import { atMost, notMeasurable } from "./statement.ts";
import type { Cutoff } from "../cutoff.ts";
import type { Projected, Spectrum } from "../spectrum.ts";
import type { Statement } from "./statement.ts";

/**
 * Err ≲ ‖Π_N y‖/√n + e^{−Γ} + Γ/α, the form that is usually quoted, for a cut-off α on the singular values of J itself: the paper writes
 * Γ/(α'√n) for the cut-off α'√n, which is Γ/α and not Γ/(α√n). Constants are dropped by the paper, so its value is a shape, not a
 * guarantee. y [nK] one-hot, `samples` n.
 * @source Oymak et al., ICLR 2020 submission, Thm 2.2, with the normalisation of J(W_0).
 */
export const simplifiedBound = (spectrum: Spectrum, cutoff: Cutoff, labels: Projected, samples: number, gamma: number): Statement => {
  const energy = energyOf(spectrum.singularValues, labels, cutoff.rank);
  const bias = (energy.norm * energy.nuisance) / Math.sqrt(samples);
  const variance = gamma / cutoff.alpha;
  const optimisation = Math.exp(-gamma);
  const value = bias + variance + optimisation;
  return {
    source: "Oymak et al., ICLR 2020 submission, Thm 2.2",
    terms: { bias, variance, optimisation },
    value,
    vacuous: value >= 1,
    hypotheses: [
      atMost("1 ≤ Γ", 1, gamma),
      notMeasurable("one hidden layer with fixed output weights, inputs of unit norm"),
      notMeasurable("this checkpoint is the random initialisation"),
      notMeasurable("the hidden layer is wide enough"),
    ],
  };
};
