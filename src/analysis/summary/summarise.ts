import { classEnergies } from "../../theory/class-energy.ts";
import { energyOf } from "../../theory/energy.ts";
import { fitOf } from "../../theory/fit.ts";
import { learningRates } from "../../theory/learning-rate.ts";
import { leveragePerSample, nuisancePerSample } from "../../theory/leading.ts";
import { randomLabelBand } from "../../theory/random-labels.ts";
import { targetsOf } from "./labels.ts";
import type { Cutoff } from "../../theory/cutoff.ts";
import type { Energy } from "../../theory/energy.ts";
import type { LeadingVectors, Projected, Spectrum } from "../../theory/spectrum.ts";
import type { AnalysisResult, Warning } from "../result.ts";
import type { CarriedVector, Observed } from "./vectors.ts";

/** What the eigen-analysis found, beside what was known before. */
export interface Found extends Observed {
  readonly spectrum: Spectrum;
  /** `chooseCutoff` of this spectrum. */
  readonly cutoff: Cutoff;
  /** What `vectorsToCarry` gave … */
  readonly carried: readonly CarriedVector[];
  /** … and for each, in the same order, its coefficients u_sᵀz: at least as many as singular values, all nK where they are known. */
  readonly coefficients: readonly Float64Array[];
  /** For each rank the sine of the angle by which the information space may be off; null or absent: not known. */
  readonly projections?: Float64Array | null;
  /** The first cutoff.rank left singular vectors; null leaves classes and samples out. */
  readonly leading: LeadingVectors | null;
  /** The user's learning rate. */
  readonly learningRate?: number;
}

/** The parts of the result that follow from spectrum, coefficients and leading directions. */
export type Summary = Pick<AnalysisResult, "cutoff" | "energy" | "samples" | "fit" | "learningRate"> & { readonly warnings: readonly Warning[] };

/** Below this gap λ_r/λ_{r+1}, or above this error of a share, a split is said to be ill-conditioned. */
const NEAR_ONE = 1.01;
const NOTEWORTHY = 0.01;

/** What is to be known about a split whose directions are hardly told apart. */
const gapWarnings = ({ cutoff: { gap, rank } }: Found, energies: readonly (Energy | null)[]): Warning[] => {
  const bars = energies.flatMap((energy) => (energy?.errors ? [Math.max(energy.errors.information, energy.errors.nuisance)] : []));
  const bar = bars.length > 0 ? Math.max(...bars) : null;
  const near = gap !== null && gap < NEAR_ONE;
  if (!near && (bar === null || bar < NOTEWORTHY)) return [];
  const gapText = gap === null ? `There is no gap that is known after singular value ${rank}` : `The gap λᵣ/λᵣ₊₁ = ${gap.toPrecision(6)} at rank ${rank} is ${near ? "near 1" : "narrow for the errors of the singular values"}`;
  const barText = bar === null ? "" : `; the shares of labels and residual are right to ±${bar.toPrecision(2)}`;
  return [{ code: "CUTOFF_GAP", message: `${gapText}: a small change of J turns the two spaces${barText}.`, hint: "Choose a rank at a wider gap; the largest one is shown beside the spectrum." }];
};

const floorWarnings = ({ spectrum, cutoff }: Found): Warning[] => {
  if (spectrum.singularValues[cutoff.rank - 1]! > spectrum.floor) return [];
  const usable = spectrum.singularValues.filter((value) => value > spectrum.floor).length;
  return [{
    code: "CUTOFF_BELOW_FLOOR",
    message: `Rank ${cutoff.rank} reaches below the rounding floor ${spectrum.floor.toPrecision(3)}: only ${usable} singular values are above it.`,
    hint: "Directions below the floor are noise, and so are ‖J_I†z‖ and the split there: choose a smaller rank or a larger α, or ask for --precision double.",
  }];
};

/**
 * Cut-off, energies, per-sample quantities, fit and learning rates as the result holds them. Without labels, energies, nuisance per sample
 * and fit are null; a vector that is exactly zero has norm and shares 0. Pure. Cost: n·K·rank for classes and samples, O(nK) for each vector.
 * @throws LensError LABEL_COUNT, LABEL_RANGE.
 */
export const summarise = (found: Found): Summary => {
  const { predictions, labels, samples, loss, spectrum, cutoff, leading } = found;
  const outputs = predictions.length / samples;
  const targets = labels === null ? null : targetsOf(labels, samples, outputs);
  const classes = targets?.classes ?? null;
  const projected = (role: CarriedVector["role"]): Projected[] =>
    found.carried.flatMap(({ values, ...vector }, i) => (vector.role === role ? [{ vector: values, coefficients: found.coefficients[i]! }] : []));
  const energy = (z: Projected | undefined): Energy | null => {
    if (z === undefined) return null;
    const perClass = leading === null || classes === null ? null : classEnergies(leading, z.vector, classes, outputs);
    return energyOf(spectrum.singularValues, z, cutoff.rank, perClass, found.projections?.[cutoff.rank - 1] ?? null);
  };
  const [ofLabels, ofResidual] = [energy(projected("labels")[0]), energy(projected("residual")[0])];
  return {
    cutoff,
    energy: {
      labels: ofLabels,
      residual: ofResidual,
      randomLabels: randomLabelBand(projected("permutation"), spectrum.singularValues.length),
      angles: found.projections ? Array.from(found.projections) : null,
    },
    samples: {
      nuisance: leading === null || targets === null ? null : Array.from(nuisancePerSample(leading, targets.y, outputs)),
      leverage: leading === null ? null : Array.from(leveragePerSample(leading, outputs)),
    },
    fit: targets === null ? null : fitOf(predictions, targets.y, classes, loss, outputs),
    learningRate: learningRates(spectrum.singularValues[0]!, loss, samples, outputs, found.learningRate),
    warnings: [...floorWarnings(found), ...gapWarnings(found, [ofLabels, ofResidual])],
  };
};
