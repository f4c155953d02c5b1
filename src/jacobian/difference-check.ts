import type { Random } from "../core/random.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import { norm } from "../linalg/norm.ts";
import { type CheckOutcome, outcome } from "./checks.ts";
import { type Differenced, differenceProduct, hasKinks } from "./finite-difference.ts";
import type { Batches } from "./network.ts";
import type { Direction, Products, Samples } from "./products.ts";

type Weights = Readonly<Record<string, Tensor>>;

/** What is compared: J·v, and the outputs that differences are taken of. */
type Compared = Pick<Products, "network" | "outputs" | "jvp">;

/** The same network in float64, perhaps for fewer samples at a time. */
export interface Precise {
  readonly products: Differenced;
  readonly weights: Weights;
  readonly batches: Batches;
}

/** What rounding and truncation may come to where halving the step changes nothing. */
const TOLERANCE = 0.01;

/** The largest error bar with which differences say anything about J·v. */
const LARGEST_BAR = 0.1;

/** Shares of the usual step that are tried in turn, until the bar is small: saturated units and large data bend within a smaller one. */
const SHARES: readonly number[] = [1, 2 ** -4, 2 ** -8, 2 ** -12];

/** Directions tried where the network has kinks: a step across one tells nothing about the rules, and a wrong rule fails in every direction. */
const DIRECTIONS = 3;

/** Jv, of one direction, against differences at the first step with a small bar; null where no step has one. */
const compared = async (exact: Float64Array, products: Differenced, weights: Weights, data: Samples, v: Direction): Promise<CheckOutcome | null> => {
  for (const share of SHARES) {
    const { value, bar } = await differenceProduct(products, weights, data, v, share);
    // Nothing changed at all: the step is below the rounding of the outputs.
    if (!(bar <= LARGEST_BAR) || (share < 1 && value.every((d) => d === 0))) continue;
    const scale = norm([exact]);
    const error = norm([value.map((d, i) => d - (exact[i] ?? 0))]);
    return outcome(scale === 0 ? error : error / scale, TOLERANCE + 2 * bar);
  }
  return null;
};

const ratio = ({ error, tolerance }: CheckOutcome): number => error / tolerance;

/**
 * ‖Jv − D‖/‖Jv‖ for a random v, where D is the central difference of the network itself; the tolerance is 1 % and twice D's error bar, which
 * is 0.1 at most. A failure is tried again with other directions where the network has kinks, then in float64 (`precise`; null where there are
 * no kernels): the outcome is the one with the smallest share of its tolerance. Null where no step is small enough for D to say anything.
 * Cost: four runs of the network, sixteen where the usual step is too long. THEORY §9.
 */
export const finiteDifferenceCheck = async (products: Compared, weights: Weights, data: Samples, draws: Random, precise: () => Promise<Precise | null>): Promise<CheckOutcome | null> => {
  const { network } = products;
  let best: CheckOutcome | null = null;
  let last: { readonly v: Direction; readonly exact: Float64Array } | null = null;
  const consider = (found: CheckOutcome | null): void => { if (found && (best === null || ratio(found) < ratio(best))) best = found; };
  for (let tried = 0; tried < (hasKinks(network) ? DIRECTIONS : 1); tried++) {
    const v = network.lowered.parameters.map((p) => draws.normals(sizeOf(p.shape)));
    const exact = await products.jvp(weights, data, v);
    if (!exact.every(Number.isFinite)) return outcome(Infinity, TOLERANCE);
    last = { v, exact };
    const found = await compared(exact, products, weights, data, v);
    if (found?.passed) return found;
    consider(found);
  }
  const wide = await precise();
  if (wide === null || last === null) return best;
  const samples = Math.min(data.samples, wide.products.network.batch);
  consider(await compared(last.exact.subarray(0, samples * network.outputs), wide.products, wide.weights, { ...data, batches: wide.batches, samples }, last.v));
  return best;
};
