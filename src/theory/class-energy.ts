import { coefficientsOn } from "./leading.ts";
import { runningSums, squaredNorm } from "./sum.ts";
import type { LeadingVectors } from "./spectrum.ts";

/** Shares of z_c, the part of z on the samples labelled `class`. */
export interface ClassEnergy {
  readonly class: number;
  /** Number of samples labelled `class`. */
  readonly samples: number;
  /** ‖Π_I z_c‖/‖z_c‖ */
  readonly information: number;
  /** ‖Π_N z_c‖/‖z_c‖ */
  readonly nuisance: number;
  /** ‖Π_{I_r} z_c‖²/‖z_c‖² for r = 1 … rank, from which a smaller cut-off follows; absent in results of earlier versions. */
  readonly cumulative?: readonly number[];
}

/**
 * The shares of z class by class. z_c equals z on the K rows of every sample labelled c and is zero on all other rows, and *then* is
 * projected: so Σ_c z_c = z, and information² + nuisance² = 1 for every class. (The other reading, the rows of class c of Π_I z, is no
 * projection of z_c and can exceed it.) Classes without samples are left out; z_c = 0 has shares 0.
 * `labels` [n], z [n·K]. Cost: n·K·rank over all classes, rows outside a class being skipped.
 * @source derived from Oymak et al. 2019, Def. 2.1.
 */
export const classEnergies = (leading: LeadingVectors, z: Float64Array, labels: Int32Array, outputs: number): ClassEnergy[] => {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  return classes.map((label) => {
    const samples = Array.from(labels.keys()).filter((i) => labels[i] === label);
    const rows = samples.flatMap((i) => Array.from({ length: outputs }, (_, k) => i * outputs + k));
    const part = Float64Array.from(rows, (row) => z[row]!);
    const total = squaredNorm(part);
    const sums = runningSums(coefficientsOn(onRows(leading, rows), part).map((a) => a * a));
    const cumulative = Array.from(sums, (sum) => (total === 0 ? 0 : Math.min(1, sum / total)));
    const share = cumulative.at(-1) ?? 0;
    return { class: label, samples: samples.length, information: Math.sqrt(share), nuisance: total === 0 ? 0 : Math.sqrt(1 - share), cumulative };
  });
};

/** The given rows of U_I, a copy. */
const onRows = ({ rows, count, values }: LeadingVectors, kept: readonly number[]): LeadingVectors => {
  const copy = new Float64Array(kept.length * count);
  for (let s = 0; s < count; s++) kept.forEach((row, i) => (copy[s * kept.length + i] = values[s * rows + row]!));
  return { rows: kept.length, count, values: copy };
};
