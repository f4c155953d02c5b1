import { sizeOf } from "../core/tensor.ts";
import type { Factor } from "../autodiff/factor.ts";

/**
 * How a parameter's part of the Gram matrix is computed from its factors.
 *   hadamard  one position a sample: (AAᵀ) ⊙ (GGᵀ)
 *   implicit  Σ_{t,s} (a_t·a_s)(g_t·g_s) over all pairs of positions
 *   rows      the per-sample gradients R written out, then RRᵀ
 */
export type Form = "hadamard" | "implicit" | "rows";

/** Positions, and widths of the two sides, of an outer factor. */
export interface OuterSize {
  readonly positions: number;
  readonly inputs: number;
  readonly outputs: number;
}

export const outerSize = (factor: Extract<Factor, { kind: "outer" }>): OuterSize => {
  const [, positions = 1, inputs = 1] = factor.a.shape;
  return { positions, inputs, outputs: factor.g.shape[2] ?? 1 };
};

/** FLOPs of one sample pair's K×K block (and, for rows, of a sample's gradients shared out over its n partners). */
export const flopsPerPair = (form: Form, { positions: t, inputs, outputs }: OuterSize, samples: number, classes: number): number => {
  const pairs = classes * classes;
  if (form === "rows") return 2 * pairs * inputs * outputs + (2 * classes * t * inputs * outputs) / Math.max(1, samples / 2);
  return 2 * t * t * (inputs + pairs * outputs) + 2 * pairs * t * t;
};

/** Largest elementwise intermediate of the implicit form, in entries, that one tile may make. */
const IMPLICIT_LIMIT = 2 ** 24;

/** The cheapest exact form for a factor, by FLOPs, where the tile of `tileSamples` samples can hold it. */
export const chooseForm = (factor: Factor, samples: number, classes: number, tileSamples: number): Form => {
  if (factor.kind === "rows") return "rows";
  const size = outerSize(factor);
  if (size.positions === 1) return "hadamard";
  const fits = (tileSamples * classes * size.positions) ** 2 <= IMPLICIT_LIMIT;
  return fits && flopsPerPair("implicit", size, samples, classes) < flopsPerPair("rows", size, samples, classes) ? "implicit" : "rows";
};

/** Entries a sample takes in each stored form: `perSample` once, `perOutput` for each of the K outputs. */
export const storedEntries = (factor: Factor, form: Form): { readonly perSample: number; readonly perOutput: number } => {
  if (factor.kind === "rows") return { perSample: 0, perOutput: sizeOf(factor.rows.shape.slice(1)) };
  const { positions, inputs, outputs } = outerSize(factor);
  return form === "rows" ? { perSample: 0, perOutput: inputs * outputs } : { perSample: positions * inputs, perOutput: positions * outputs };
};
