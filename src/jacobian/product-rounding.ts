import { isParallel } from "../core/parallel.ts";

/**
 * What products in float32 did to a Gram matrix, F being the difference from products in float64: standard deviations of F_ij/√(D_i·D_j), D_i the
 * squared norm of row i in the blocks so multiplied, not more than these with a confidence of 99.9 %. Plain data.
 */
export interface ProductRounding {
  /** Of rows with themselves and those parallel to them, whose terms are all of one sign. */
  readonly parallel: number;
  /** Of all other pairs. */
  readonly others: number;
  /** The share of pairs that are parallel in those blocks, whatever they are in others. */
  readonly alike: number;
}

/** Taken where too few rows could be compared: sums of float32 in blocks of 128 lose a few 2⁻²⁴, and up to a dozen where one term outweighs the others. */
const UNMEASURED: ProductRounding = { parallel: 2 ** -20, others: 2 ** -20, alike: 0 };

/** Rows, none parallel to another, from which on their errors tell of those of all. */
const FEWEST = 4;

/** No less is assumed, also where sampled rows happen to lose nothing: others do. */
const LEAST = 2 ** -27;

/** Pairs that are not parallel lose at least this share of what parallel ones do. */
const LEAST_SHARE = 2 ** -6;

/** What is known of all rows from what was measured of some, null where none were multiplied in float32, and from what is known of the rest. */
export const roundingOfAll = (known: ProductRounding | null, measured: ProductRounding | "too few" | null): ProductRounding | null => {
  if (measured === "too few") return known ?? UNMEASURED;
  return known && measured ? { parallel: Math.max(known.parallel, measured.parallel), others: Math.max(known.others, measured.others), alike: Math.max(known.alike, measured.alike) } : (known ?? measured);
};

/** Squared norms of the longest row between which neither sums of products overflow in float32 nor anything that counts is lost below its range. */
const [SMALLEST, LARGEST] = [2 ** -60, 2 ** 100];

/** Whether products in float32 hold a matrix whose rows have these squared norms. */
export const inRange = (squares: Float64Array): boolean => squares.some((value) => value > SMALLEST) && squares.every((value) => value <= LARGEST);

/** The quantile of the normal distribution at 0.999. */
const NORMAL = 3.09;

/** The least part of ν that counts where a sum of ν squares came out small. */
const LEAST_PART = 0.02 ** 2;

/** Squares of numbers with one standard deviation. */
class Squares {
  count = 0;
  #sum = 0;

  add(square: number): void {
    this.#sum += square;
    this.count += 1;
  }

  /** The standard deviation is not more than this, with a confidence of 99.9 %; 0 where there are none. @source Wilson, Hilferty 1931: quantiles of χ². */
  get most(): number {
    const { count } = this;
    if (count === 0) return 0;
    const part = Math.max(0, 1 - 2 / (9 * count) - NORMAL * Math.sqrt(2 / (9 * count))) ** 3;
    return Math.sqrt(this.#sum / count / Math.max(LEAST_PART, part));
  }
}

/** Gathers the errors of sampled rows over the tiles of a matrix of `classes` rows a sample. */
export class RoundingMeter {
  readonly #parallel = new Squares();
  readonly #sameClass = new Squares();
  readonly #otherClass = new Squares();
  #alike = 0;
  #tiles = 0;
  #different = 0;

  constructor(private readonly classes: number) {}

  /** The entries of some rows with one another, [count, count], from products in float32 and in float64, and the class of each row. */
  add(single: Float64Array, double: Float64Array, classes: readonly number[]): void {
    const count = classes.length;
    let different = 0;
    for (let i = 0; i < count; i++) {
      let alone = double[i * (count + 1)]! > 0;
      for (let j = 0; j <= i; j++) {
        const scale = double[i * (count + 1)]! * double[j * (count + 1)]!;
        if (!(scale > 0)) continue;
        const at = i * count + j;
        const square = (single[at]! - double[at]!) ** 2 / scale;
        const parallel = i === j || isParallel(double[at]! ** 2, scale);
        (parallel ? this.#parallel : classes[i] === classes[j] ? this.#sameClass : this.#otherClass).add(square);
        if (parallel && j < i) {
          alone = false;
          this.#alike += 1;
        }
      }
      if (alone) different += 1;
    }
    this.#tiles += 1;
    this.#different = Math.max(this.#different, different);
  }

  /** Null where no product was in float32. */
  get found(): ProductRounding | "too few" | null {
    if (this.#tiles === 0) return null;
    if (this.#different < FEWEST || !Number.isFinite(this.#parallel.most)) return "too few";
    const parallel = Math.max(LEAST, this.#parallel.most);
    // One pair in K is of one class.
    const share = this.#otherClass.count > 0 ? 1 / this.classes : 1;
    const others = Math.sqrt(share * this.#sameClass.most ** 2 + (1 - share) * this.#otherClass.most ** 2);
    return { parallel, others: Math.max(LEAST_SHARE * parallel, others), alike: this.#alike / (this.#alike + this.#sameClass.count + this.#otherClass.count) };
  }
}
