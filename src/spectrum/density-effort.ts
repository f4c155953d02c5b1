/** Products that a density takes at most where nothing else is said. */
export const MOST_PRODUCTS = 1920;

/** Random vectors that run in step with one another: the fewest that give a band. */
export const FEWEST_PROBES = 4;

/** Random vectors that are taken at most where their number is not given. */
const MOST_PROBES = 16;

/** Steps with fewer than which no products are left for further vectors: more steps buy more. */
const ENOUGH_STEPS = 60;

/** Steps that are taken in any case, and at which it is looked for the first time whether more change anything. */
export const LEAST_STEPS = 20;

/** Products of the least effort: a band, and a look at what the second half of the steps changes. */
export const LEAST_PRODUCTS = 2 * FEWEST_PROBES * LEAST_STEPS;

export interface EffortOptions {
  /** Random vectors, exactly, at least two; when absent as many as serve. */
  readonly probes?: number;
  /** Steps of the iteration for each, exactly (up to the number of singular values); when absent as many as serve. */
  readonly steps?: number;
  /** Products at most, where one of these is absent; `MOST_PRODUCTS` when absent. 20 steps of each vector are taken in any case. */
  readonly maxProducts?: number;
  /** Probes run at once, at most; 8 when absent. */
  readonly block?: number;
}

/** How the probes of a density are run. */
export interface Effort {
  /** Random vectors that run in step. */
  readonly together: number;
  /** From this many vectors on no further ones are run … */
  readonly least: number;
  /** … unless they are worth their products, up to this many. */
  readonly most: number;
  /** Steps of each, at most. */
  readonly steps: number;
  /** Whether fewer steps are taken where they show the same. */
  readonly stops: boolean;
  readonly maxProducts: number;
}

/**
 * The effort for a density of `count` values. What a number of steps cannot tell apart is off by far more than what few vectors leave to
 * chance (measured on networks of 300 to 3,000 values: 5–40 % of the values against 1–2 %): products go into steps of four vectors first, with
 * half of them left for four further ones where that leaves 60 steps.
 */
export const effortOf = (count: number, { probes, steps, maxProducts = MOST_PRODUCTS, block = 8 }: EffortOptions): Effort => {
  const vectors = Math.max(2, probes ?? FEWEST_PROBES);
  const shared = probes === undefined && maxProducts >= 4 * vectors * ENOUGH_STEPS ? maxProducts / 2 : maxProducts;
  const afforded = Math.max(LEAST_STEPS, Math.floor(shared / (2 * vectors)));
  return { together: Math.min(block, vectors), least: vectors, most: probes === undefined ? MOST_PROBES : vectors, steps: Math.min(count, steps ?? afforded), stops: steps === undefined, maxProducts };
};

/** Steps after which it is looked whether more change anything: about √2 times the ones before. */
export const nextLook = (last: number): number => Math.max(LEAST_STEPS, Math.ceil(last * Math.SQRT2));
