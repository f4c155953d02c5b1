import { squaredNorm, sumOf } from "../sum.ts";
import { notMeasurable } from "./statement.ts";
import type { Projected, Spectrum } from "../spectrum.ts";
import type { Statement } from "./statement.ts";

/**
 * zᵀ(G + μI)⁻¹z = Σ_s a_s²/(λ_s² + μ), what lies in the null space of Jᵀ divided by μ. Needs a complete spectrum. Cost: O(nK).
 * @source Arora et al. 2019, Thm 5.1; the regulariser μ is ours.
 */
export const inverseForm = (singularValues: Float64Array, { vector, coefficients }: Projected, mu: number): number => {
  const terms = coefficients.map((a, s) => (a * a) / ((singularValues[s] ?? 0) ** 2 + mu));
  const unseen = coefficients.length === vector.length ? 0 : Math.max(0, squaredNorm(vector) - squaredNorm(coefficients));
  return sumOf(terms) + unseen / mu;
};

/**
 * √(2 yᵀ(G + μI)⁻¹y/n) and the mean of the same for permuted labels. μ is the square of the spectrum's rounding floor: below it the eigenvalues
 * of G are noise and their inverses mean nothing. Null for a partial spectrum or a floor of 0.
 * @source Arora et al. 2019, Thm 5.1.
 */
export const kernelComplexity = (spectrum: Spectrum, labels: Projected, permuted: readonly Projected[], samples: number): Statement | null => {
  const { singularValues, complete, floor } = spectrum;
  const mu = floor * floor;
  if (!complete || !(mu > 0)) return null;
  const complexity = (z: Projected): number => Math.sqrt((2 * inverseForm(singularValues, z, mu)) / samples);
  const value = complexity(labels);
  const shuffled = permuted.length === 0 ? {} : { permutedLabels: permuted.reduce((sum, z) => sum + complexity(z), 0) / permuted.length };
  return {
    source: "Arora et al. 2019, Thm 5.1, with G + μI for the kernel",
    terms: { complexity: value, mu, ...shuffled },
    value,
    vacuous: value >= 1,
    hypotheses: [
      notMeasurable("two layers with ReLU, the output layer fixed, inputs of unit norm"),
      notMeasurable("wide enough that G is the kernel of the infinite network"),
      notMeasurable("this checkpoint is the random initialisation"),
    ],
  };
};
