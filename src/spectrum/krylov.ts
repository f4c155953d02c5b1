import { LensError } from "../core/errors.ts";
import { silent, type Progress } from "../core/progress.ts";
import { random } from "../core/random.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { createShortSpace } from "./krylov-short.ts";
import { createKrylovSpace, type KrylovSpace } from "./krylov-space.ts";
import { lanczosFactor, type NormBound } from "./norm-bound.ts";
import { thin, type Thin } from "./orientation.ts";
import type { SmallSvd } from "./small-svd.ts";
import { measuredFromShort, measuredResiduals } from "./triplet-residuals.ts";

export interface KrylovOptions {
  /** Certificates wanted, relative to λ_1; 1e-4 when absent. */
  readonly tolerance?: number;
  /** Directions per product; 8 when absent. */
  readonly block?: number;
  /**
   * "both" when absent. "short" keeps basis vectors on the shorter side of J only, for networks with many more parameters than outputs:
   * values below the root of the products' relative error are lost then, as in a Gram matrix, and the longer side's vectors are not returned.
   */
  readonly sides?: "both" | "short";
  /** The most basis vectors: 8·(maxBasis + block) bytes for each row and column, of the shorter side only with `sides: "short"`. 2·count + 8·block when absent. */
  readonly maxBasis?: number;
  /** Stop after about so many products (J·v and Jᵀ·u each count one), converged or not; 200·(count + block) when absent. */
  readonly maxProducts?: number;
  /**
   * A bound of ‖E‖ when the products are those of J + E: `gradientFloor(‖J‖_F)` for float32. Added to every certificate; nothing below
   * twice of it is waited for. Never counted as less than 1e-13·λ_1, the rounding of the iteration itself.
   */
  readonly productError?: number;
  /** The probability with which a bound of what was left out may fail; 1e-6 when absent. */
  readonly failure?: number;
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The leading singular triplets of J [rows, columns]. All arrays are owned by the caller. */
export interface Triplets {
  readonly rows: number;
  readonly columns: number;
  /** λ̂_1 ≥ λ̂_2 ≥ …: min(wanted, rows, columns) of them. Each is a lower bound of λ_s, its square one of λ_s², up to the two errors below. */
  readonly values: Float64Array;
  /** û_s at [s·rows, (s + 1)·rows). */
  readonly left: Float64Array;
  /** v̂_s at [s·columns, (s + 1)·columns). Of `left` and `right`, the longer side is empty with `sides: "short"`. */
  readonly right: Float64Array;
  /** √((‖Jv̂ − λ̂û‖² + ‖Jᵀû − λ̂v̂‖²)/2) measured by one more product each, plus `productError`: a singular value lies that near to λ̂_s. */
  readonly certificates: Float64Array;
  /** Certificate within the tolerance (or twice `productError`, where that is more). */
  readonly converged: readonly boolean[];
  /** ‖(I − ÛÛᵀ)·J·(I − V̂V̂ᵀ)‖, which bounds every singular value not found. */
  readonly rest: NormBound;
  /** Vectors that J or Jᵀ was applied to. */
  readonly products: number;
  readonly productError: number;
  /** The error of the λ_s² beside that: 0, or 2·productError·λ_1 with `sides: "short"`. */
  readonly gramError: number;
}

/** Relative to λ_1: what float64 makes of products, projections and the small decomposition. */
const ROUNDING = 1e-13;

type Plan = Required<Omit<KrylovOptions, "signal">> & { readonly count: number; readonly signal: AbortSignal | undefined };

/** After so many steps from 8 starts the bound of the rest is within 10 % of what it bounds, for any size that fits in memory. */
const SEARCH_STEPS = 10;
/** Columns between two looks at the Ritz values, which cost about 15·basis³ FLOPs each. */
const CHECK_EVERY = 8;

/** @throws LensError BASIS_TOO_SMALL. */
const planOf = (a: Thin, wanted: number, options: KrylovOptions): Plan => {
  const count = Math.max(1, Math.min(Math.floor(wanted), a.columns));
  const block = Math.max(1, Math.min(options.block ?? 8, a.columns));
  const maxBasis = Math.min(a.columns, options.maxBasis ?? 2 * count + 8 * block);
  if (maxBasis < Math.min(a.columns, count + 2 * block)) {
    throw new LensError("BASIS_TOO_SMALL", `A basis of ${maxBasis} vectors cannot give ${count} singular triplets with ${block} directions at a time.`, `Ask for fewer singular values, or allow a basis of ${count + 2 * block} vectors or more (--memory).`);
  }
  const { sides = "both", tolerance = 1e-4, productError = 0, failure = 1e-6, seed = 0, progress = silent, signal } = options;
  return { count, block, maxBasis, sides, tolerance, productError, failure, seed, progress, signal, maxProducts: options.maxProducts ?? 200 * (count + block) };
};

/** What certificates are to stay below, for a largest value λ_1. */
const goalOf = ({ tolerance, productError }: Plan, largest: number): number => Math.max(tolerance * largest, 2 * Math.max(productError, ROUNDING * largest));

const convergedOf = (space: KrylovSpace, svd: SmallSvd, plan: Plan): number => {
  const { count } = plan;
  const goal = goalOf(plan, svd.values[0]!) / 2;
  let converged = 0;
  while (converged < Math.min(count, svd.values.length) && space.residual(svd, converged) <= goal) converged++;
  return converged;
};

const isFull = (space: KrylovSpace, { maxBasis }: Plan): boolean => space.count() + space.pending() > maxBasis;

/** Grows and restarts the space until the leading triplets have converged, the space is complete, or the products are used up. */
const converge = async (space: KrylovSpace, plan: Plan, report: (converged: number) => void): Promise<SmallSvd> => {
  const { count, block, maxBasis, maxProducts } = plan;
  if (isFull(space, plan)) space.restart(await space.svd(), count, true);
  for (let checked = 0; ; ) {
    await space.step();
    const spent = space.products() + 2 * block > maxProducts;
    const due = isFull(space, plan) || space.pending() === 0 || (space.count() >= count && (spent || space.count() - checked >= CHECK_EVERY));
    if (!due) continue;
    const svd = await space.svd();
    const converged = convergedOf(space, svd, plan);
    report(converged);
    if (converged === count || space.pending() === 0 || (spent && space.count() >= count)) return svd;
    if (isFull(space, plan)) space.restart(svd, Math.min(count + Math.floor((maxBasis - count) / 3), maxBasis - space.pending()), true);
    checked = space.count();
  }
};

/**
 * Looks for what the Krylov space cannot see (further copies of a repeated singular value, mostly): keeps the `count` triplets, and runs the
 * iteration from fresh random vectors orthogonal to them. Its largest Ritz value bounds the norm of the rest of J.
 */
const searchRest = async (space: KrylovSpace, svd: SmallSvd, a: Thin, plan: Plan): Promise<NormBound> => {
  const { count, block, maxBasis, failure } = plan;
  const complete = space.pending() === 0;
  space.restart(svd, count, false);
  if (complete) return { estimate: svd.values[count] ?? 0, bound: svd.values[count] ?? 0, failure: 0 };
  const dimension = a.columns - count;
  const starts = Math.min(block, dimension, maxBasis - count);
  space.addRandom(starts);
  let steps = 0;
  for (; steps < SEARCH_STEPS && space.pending() > 0 && !isFull(space, plan); steps++) await space.step();
  const estimate = (await space.svd(count)).values[0]!;
  if (space.pending() === 0) return { estimate, bound: estimate, failure: 0 };
  return { estimate, bound: estimate * lanczosFactor(dimension, steps, starts, failure), failure };
};

const raised = (before: Float64Array, after: Float64Array, plan: Plan): boolean => {
  const slack = goalOf(plan, before[0]!);
  for (let s = 0; s < plan.count; s++) if (after[s]! > before[s]! + slack) return true;
  return false;
};

/**
 * The `wanted` leading singular triplets of J by block Golub–Kahan iteration with thick restarts: both bases are kept and made orthogonal in
 * full, Ritz values come from J itself and not from its Gram matrix, so that values down to the products' own error are right. When the
 * triplets have converged, the rest of J is searched from fresh random vectors: if that raises any of them, the iteration goes on with
 * what was found. Deterministic in `seed`.
 * Cost: a few times (wanted + block) products; 8·(rows + columns)·basis·block FLOPs per block. Memory: see `maxBasis`, and the result.
 * @source Golub, Luk, Overton 1981 (block); Baglama, Reichel 2005 (restarts); THEORY §9 (certificates).
 * @throws LensError BASIS_TOO_SMALL, MATRIX_TOO_LARGE, NOT_FINITE, CANCELLED, and what the operator throws.
 */
export const leadingTriplets = async (operator: LinearOperator, wanted: number, options: KrylovOptions = {}): Promise<Triplets> => {
  const a = thin(operator);
  const plan = planOf(a, wanted, options);
  const { count, block, maxProducts, signal } = plan;
  const draw = random(plan.seed, "krylov");
  const space = plan.sides === "both" ? createKrylovSpace(a, plan.maxBasis, block, draw, signal) : createShortSpace(a, plan.maxBasis, block, plan.productError, draw, signal);
  let furthest = 0;
  const report = (converged: number): void => {
    furthest = Math.max(furthest, 0.9 * (converged / count), 0.3 * Math.min(1, space.count() / plan.maxBasis));
    plan.progress(furthest, `${converged}/${count} singular values converged, ${space.products()} products`);
  };
  space.addRandom(block);
  let svd = await converge(space, plan, report);
  let rest = await searchRest(space, svd, a, plan);
  let found = space.bases(count);
  for (let round = 1; round <= count && space.products() < maxProducts; round++) {
    const combined = await space.svd();
    if (!raised(svd.values, combined.values, plan)) break;
    svd = space.pending() === 0 ? combined : await converge(space, plan, report);
    rest = await searchRest(space, svd, a, plan);
    found = space.bases(count);
  }
  const values = svd.values.slice(0, count);
  plan.progress(0.9, `certificates of ${count} singular values`);
  const { right: short, left: long } = found;
  const productError = Math.max(plan.productError, ROUNDING * values[0]!);
  const gramError = long === null ? 2 * productError * values[0]! : 0;
  const residuals = await (long === null ? measuredFromShort(a, values, short, gramError, block, signal) : measuredResiduals(a, { values, left: long, right: short }, block, signal));
  const certificates = residuals.map((residual) => residual + productError);
  const bound = Math.sqrt(rest.bound ** 2 + gramError) + productError;
  const [left, right] = a.turned ? [short, long ?? new Float64Array(0)] : [long ?? new Float64Array(0), short];
  const goal = goalOf(plan, values[0]!);
  plan.progress(1, `${count} singular values, ${space.products() + 2 * count} products`);
  return {
    rows: operator.rows, columns: operator.columns, values, left, right, certificates,
    converged: Array.from(certificates, (certificate) => certificate <= goal),
    rest: { ...rest, bound: count === a.columns ? 0 : bound },
    products: space.products() + 2 * count,
    productError, gramError,
  };
};
