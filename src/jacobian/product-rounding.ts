import { isParallel } from "../core/parallel.ts";
import type { Sampled } from "./layout.ts";

/**
 * What products in float32 did to a Gram matrix, F being the difference from products in float64: root mean squares of F_ij/√(G_ii·G_jj), of
 * rows with themselves and others parallel to them, whose terms are all of one sign, and of all other pairs. Plain data.
 */
export interface ProductRounding {
  readonly parallel: number;
  readonly others: number;
}

/** Taken where too few rows could be compared: sums of float32 in blocks of 128 lose a few 2⁻²⁴, and up to a dozen where one term outweighs the others. */
const UNMEASURED = 2 ** -20;

/** Rows, none parallel to another, from which on their errors tell of those of all. */
const FEWEST = 4;

/** The larger of each; null where both are. */
export const worseOf = (a: ProductRounding | null, b: ProductRounding | null): ProductRounding | null =>
  a && b ? { parallel: Math.max(a.parallel, b.parallel), others: Math.max(a.others, b.others) } : (a ?? b);

/** Squared norms of the longest row between which neither sums of products overflow in float32 nor anything that counts is lost below its range. */
const [SMALLEST, LARGEST] = [2 ** -60, 2 ** 100];

/** Whether products in float32 hold a matrix whose rows have these squared norms. */
export const inRange = (squares: ArrayLike<number>): boolean => {
  const all = Array.from(squares);
  return all.every(Number.isFinite) && all.some((value) => value > SMALLEST) && !all.some((value) => value > LARGEST);
};

/** Gathers the errors of sampled rows over the tiles of a matrix. */
export class RoundingMeter {
  readonly #squares = { parallel: 0, others: 0 };
  readonly #compared = { parallel: 0, others: 0 };
  #tiles = 0;
  #different = 0;

  /** `errors`: of the entries of the sampled rows with one another, [count, count]; `entry`: those of the matrix. */
  add(errors: Float64Array, { count, step }: Sampled, entry: (row: number, column: number) => number): void {
    this.#tiles += 1;
    for (let i = 0; i < count; i++) {
      let different = true;
      for (let j = 0; j <= i; j++) {
        const [a, b] = [i * step, j * step];
        const scale = entry(a, a) * entry(b, b);
        if (!(scale > 0)) continue;
        const kind = isParallel(entry(a, b) ** 2, scale) ? "parallel" : "others";
        this.#squares[kind] += errors[i * count + j]! ** 2 / scale;
        this.#compared[kind] += 1;
        if (kind === "parallel" && j < i) different = false;
      }
      if (different && entry(i * step, i * step) > 0) this.#different += 1;
    }
  }

  /** Null where no product was in float32. */
  get found(): ProductRounding | null {
    if (this.#tiles === 0) return null;
    if (this.#different < FEWEST) return { parallel: UNMEASURED, others: UNMEASURED };
    const of = (kind: "parallel" | "others"): number => Math.sqrt(this.#squares[kind] / this.#compared[kind]);
    return { parallel: of("parallel"), others: of("others") };
  }
}
