import type { ProductCosts } from "../../jacobian/cost/product-cost.ts";
import { flopsOf, type ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { FEWEST_PROBES } from "../../spectrum/density-effort.ts";
import { expectedDensity } from "../methods/density-budget.ts";
import { productFlops } from "../methods/product-flops.ts";
import { MOST_PASSES } from "../methods/squared-norm.ts";
import type { OpenNetwork } from "../open-network.ts";
import { BLOCK } from "../run-sizes.ts";
import { kernelSeconds, runSeconds, type Situation } from "./situation.ts";

/** Products that the block Krylov method takes, about. */
export interface KrylovProducts {
  /** For ‖J‖_F²: passes over all outputs, or two estimates; as `byKrylov` leaves them to their defaults. */
  readonly norm: number;
  readonly triplets: number;
  /** Random vectors of the density, and steps of each: two products. */
  readonly density: { readonly probes: number; readonly steps: number };
}

/**
 * Products that the leading triplets take, about: a basis and an eighth for what has to converge, the search of the rest, and two for each
 * certificate. How fast a spectrum falls decides (measured: 0.75 to 1.3 times this).
 */
const tripletProducts = (wanted: number, basis: number): number => Math.ceil(2.25 * basis + 2 * 10 * BLOCK + 2 * wanted);

/** Counts the products for `wanted` triplets, with a basis so large, and the density of the other ones of `short` values. */
export const krylovProducts = (open: Pick<OpenNetwork, "network" | "samples">, { short, wanted, basis }: { readonly short: number; readonly wanted: number; readonly basis: number }): KrylovProducts => {
  const triplets = tripletProducts(wanted, basis);
  const { outputs } = open.network;
  return { norm: outputs <= MOST_PASSES ? outputs : 2 * 16 + 32 + 32, triplets, density: expectedDensity({ flops: productFlops(open), leading: triplets }, short - wanted) };
};

/** FLOPs of keeping the triplets' bases orthogonal: as they grow, once they are full (four fifths on average), and as they turn. */
const basisFlops = ({ rows, columns }: Pick<Situation, "rows" | "columns">, wanted: number, basis: number, triplets: number): number =>
  (rows + columns) * (4 * basis ** 2 + 8 * 0.8 * basis * Math.max(0, triplets / 2 - basis) + 4 * basis * wanted);

/** The same of the density's processes: one vector at a time, which waits for memory. */
const processFlops = ({ rows, columns }: Pick<Situation, "rows" | "columns">, wanted: number, { probes, steps }: KrylovProducts["density"]): number => probes * Math.min(rows, columns) * (4 * steps ** 2 + 8 * wanted * steps);

/** FLOPs of looking at the Ritz values, every BLOCK columns while the bases grow, and again after a restart. */
const ritzFlops = (basis: number): number => (15 * basis ** 4) / (4 * BLOCK) * 1.5;

/** FLOPs and seconds of the products, in groups of eight and four, of the bases and of the small decompositions. */
export const krylovWork = (situation: Pick<Situation, "open" | "rows" | "columns" | "rates">, costs: ProductCosts, wanted: number, basis: number): { readonly flops: number; readonly seconds: number } => {
  const { open, rows, columns, rates } = situation;
  const { norm, triplets, density } = krylovProducts(open, { short: Math.min(rows, columns), wanted, basis });
  const batches = Math.ceil(open.samples / open.network.batch);
  const groups = [{ vectors: BLOCK, count: norm + triplets }, { vectors: FEWEST_PROBES, count: 2 * density.probes * density.steps }];
  // Half of them with J and half with Jᵀ; then the copies to and from float64.
  const products = (of: (cost: ProgramCost) => number): number => groups.reduce((sum, { vectors, count }) => sum + (count * batches * (of(costs.jvp(vectors)) + of(costs.vjp(vectors)))) / (2 * vectors), 0);
  const copied = (groups.reduce((sum, { count }) => sum + count, 0) * 24 * (columns * batches + rows)) / rates.moved / 0.05;
  const [ritz, bases, processes] = [ritzFlops(basis), basisFlops(situation, wanted, basis, triplets), processFlops(situation, wanted, density)];
  return {
    flops: products(flopsOf) + bases + processes + ritz,
    seconds: products((cost) => runSeconds(cost, rates)) + copied + bases / rates.kernel + 2 * kernelSeconds(processes, rates) + ritz / rates.eigen,
  };
};
