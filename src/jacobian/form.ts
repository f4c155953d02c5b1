import { type Factor, isWritable } from "../autodiff/factor.ts";

/**
 * How a parameter's part of the Gram matrix is computed from its factors.
 *   hadamard  one position a sample: (AAᵀ) ⊙ (GGᵀ)
 *   implicit  Σ_{t,s} (a_t·a_s)(g_t·g_s) over all pairs of positions
 *   lookup    the same with a_t·a_s = 1 where two positions pick the same row of a table, else 0
 *   rows      the per-sample gradients R written out, then RRᵀ
 *   strips    the same with R written out a strip of columns at a time, where it is multiplied: its factors are smaller
 */
export type Form = "hadamard" | "implicit" | "lookup" | "rows" | "strips";

/** Positions, and widths of the two sides, of an outer factor or a lookup. */
export interface OuterSize {
  readonly positions: number;
  readonly inputs: number;
  readonly outputs: number;
}

export const outerSize = (factor: Exclude<Factor, { kind: "rows" }>): OuterSize => {
  const [, positions = 1, inputs = 1] = factor.a.shape;
  return { positions, inputs, outputs: factor.g.shape[2] ?? 1 };
};

/** What one entry of an elementwise product and its sum take, in FLOPs of a matrix product: they wait for memory (measured: 150 to 200). */
const ELEMENTWISE = 170;

/** FLOPs of one sample pair's K×K block (and, for rows, of a sample's gradients shared out over its n partners). */
export const flopsPerPair = (form: Form, { positions: t, inputs, outputs }: OuterSize, samples: number, classes: number): number => {
  const pairs = classes * classes;
  if (form === "rows" || form === "strips") return 2 * pairs * inputs * outputs + (2 * classes * t * inputs * outputs) / Math.max(1, samples / 2);
  return 2 * t * t * (inputs + pairs * outputs) + (t > 1 ? ELEMENTWISE : 2) * pairs * t * t;
};

/** Positions up to which strips are written where they are multiplied: each tile writes its own, which costs T/768 of its products. */
const MOST_STRIP_POSITIONS = 128;

/** Entries of a row of R from which they are worth a loop. */
const LEAST_STRIPPED = 4096;

/** How the gradients of a factor are held: written out, unless the factor takes at most half as much. */
const heldAs = ({ positions: t, inputs, outputs }: OuterSize, classes: number): "rows" | "strips" => {
  const entries = inputs * outputs;
  const smaller = 2 * (t * inputs + classes * t * outputs) <= classes * entries;
  return smaller && entries >= LEAST_STRIPPED && t <= MOST_STRIP_POSITIONS ? "strips" : "rows";
};

/** The cheapest exact form for a factor, by FLOPs, then by memory. */
export const chooseForm = (factor: Factor, samples: number, classes: number): Form => {
  if (factor.kind === "rows") return "rows";
  const size = outerSize(factor);
  if (factor.kind === "lookup") return !isWritable(factor) || size.positions ** 2 * (size.outputs + ELEMENTWISE / 2) < factor.table ? "lookup" : "rows";
  if (size.positions === 1) return "hadamard";
  return flopsPerPair("implicit", size, samples, classes) < flopsPerPair("rows", size, samples, classes) ? "implicit" : heldAs(size, classes);
};

/** Rows of a tile, K·samples, times positions, at most: the implicit forms go through all pairs of them piece by piece. */
const MOST_PAIRED = 2 ** 15;

/** Samples along a tile's edge that a block of `positions` positions allows. */
export const edgeOf = (edge: number, positions: number, classes: number): number => Math.max(1, Math.min(edge, Math.floor(MOST_PAIRED / (classes * positions))));
