import { effortOf, type EffortOptions, FEWEST_PROBES, LEAST_PRODUCTS, LEAST_STEPS, MOST_PRODUCTS } from "../../spectrum/density-effort.ts";

/** FLOPs of products that are spent on the density whatever the leading triplets took: some seconds. */
const CHEAP_FLOPS = 1e12;

/** Beyond that, the products of the density as a share of those of the triplets. */
const SHARE = 0.5;

/** A share of ‖J‖_F² below which what the triplets leave is not worth more than the fewest probes. */
const NEGLIGIBLE = 0.01;

/** What the products of a density are measured by: the FLOPs of one, and how many the leading triplets took. */
export interface Spent {
  readonly flops: number;
  readonly leading: number;
}

/** Products that a density may take beside the triplets', and whether it may for being cheap. */
const budgetOf = ({ flops, leading }: Spent): { readonly maxProducts: number; readonly cheap: boolean } => {
  const cheap = CHEAP_FLOPS / flops;
  const inProportion = Math.min(SHARE * leading, MOST_PRODUCTS);
  return { maxProducts: Math.floor(Math.max(LEAST_PRODUCTS, Math.min(MOST_PRODUCTS, Math.max(cheap, inProportion)))), cheap: cheap >= inProportion };
};

/** How much the density of what triplets leave is worth: by what it costs beside them, and by the share of ‖J‖_F² that it may hold. */
export const densityEffort = (spent: Spent, share: number): Pick<EffortOptions, "maxProducts" | "probes"> => {
  const { maxProducts } = budgetOf(spent);
  return share < NEGLIGIBLE ? { maxProducts: Math.floor(maxProducts / 2), probes: FEWEST_PROBES } : { maxProducts };
};

/** Values of which four probes scatter by less than what is worth more of them (measured: 1 % at about so many). */
const MANY_VALUES = 1500;

/**
 * Probes and steps to expect for a density of `count` values: where products are cheap all steps that they hold, since networks' small values
 * are told apart by many steps only, and of few values some more probes; where they are not half of the products, since it may stop anywhere between.
 */
export const expectedDensity = (spent: Spent, count: number): { readonly probes: number; readonly steps: number } => {
  const { maxProducts, cheap } = budgetOf(spent);
  const { least, most, steps } = effortOf(count, { maxProducts });
  if (!cheap) return { probes: least, steps: Math.min(steps, Math.max(LEAST_STEPS, Math.floor(maxProducts / (4 * least)))) };
  const affordable = Math.min(most, least * Math.max(1, Math.floor(maxProducts / (2 * least * Math.max(1, steps)))));
  return { probes: count > MANY_VALUES ? least : (least + affordable) / 2, steps };
};
