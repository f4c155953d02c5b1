import { throwIfAborted } from "../core/errors.ts";
import { random, type Random } from "../core/random.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { Basis } from "./krylov-basis.ts";
import type { Triplets } from "./krylov.ts";

/** ‖J‖_F², estimated or exact. */
export interface SquaredNorm {
  readonly value: number;
  /** ‖J‖_F² lies in [low, high], except with probability `failure`. */
  readonly low: number;
  readonly high: number;
  readonly failure: number;
  /** Vectors that J or Jᵀ was applied to. */
  readonly products: number;
}

/** Directions known to hold much of J: û_s with ‖Jᵀû_s‖ = λ̂_s to within its certificate. */
export interface LeadingDirections extends Pick<Triplets, "rows" | "values" | "left" | "certificates"> {
  /** A bound of the norm of J without them; null where it is not known. */
  readonly rest: Pick<Triplets["rest"], "bound"> | null;
}

export interface TraceOptions {
  /** Gaussian probes of what the sketch leaves; 32 when absent. */
  readonly probes?: number;
  /** Directions of the sketch, where no triplets are given; 16 when absent. */
  readonly sketch?: number;
  /** Triplets or a sketch already made: they take the place of the own one. */
  readonly leading?: LeadingDirections;
  /** 0.05 when absent. */
  readonly failure?: number;
  /** Directions per product; 8 when absent. */
  readonly block?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const squares = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0);

/** ‖J‖_F² that is known, from per-sample gradient norms; `error` bounds how far off it may be. */
export const knownSquaredNorm = (value: number, error = 0): SquaredNorm => ({ value, low: Math.max(0, value - error), high: value + error, failure: 0, products: 0 });

/**
 * The interval of T = ‖B‖_F² from the mean of N values ‖Bᵀg‖², g Gaussian: Σ σ_i²·(χ² − 1)/N leaves ±2·√(x·Σσ_i⁴/N) with probability e^{−x} on
 * each side (2·x·‖B‖²/N more above), and Σσ_i⁴ ≤ ‖B‖²·T. Without a bound of ‖B‖, ‖B‖² ≤ T.
 * @source Laurent, Massart 2000, Lemma 1.
 */
const interval = (mean: number, probes: number, norm: number | null, failure: number): readonly [number, number] => {
  const x = Math.log(2 / failure) / probes;
  if (norm === null) return [mean / (1 + 2 * Math.sqrt(x) + 2 * x), 2 * Math.sqrt(x) < 1 ? mean / (1 - 2 * Math.sqrt(x)) : Infinity];
  const b = norm * Math.sqrt(x);
  return [Math.max(0, Math.sqrt(Math.max(0, mean - b * b)) - b) ** 2, (b + Math.sqrt(b * b + mean)) ** 2];
};

/** What the directions taken out hold of ‖J‖_F², how far off that may be, and a bound of the norm of what is left. */
interface Head {
  readonly basis: Basis;
  readonly mass: number;
  readonly error: number;
  readonly norm: number | null;
  readonly products: number;
}

const blocks = function* (total: number, block: number): Generator<number> {
  for (let from = 0; from < total; from += block) yield Math.min(block, total - from);
};

const headOfTriplets = ({ rows, values, left, certificates, rest }: LeadingDirections, block: number, draw: Random): Head => {
  const basis = new Basis(rows, values.length, Math.max(block, values.length), draw);
  basis.append(left, values.length);
  const error = 2 * squares(certificates);
  return { basis, mass: squares(values), error, norm: rest && Math.sqrt(rest.bound ** 2 + error), products: 0 };
};

const headOfSketch = async (operator: LinearOperator, sketch: number, block: number, draw: Random, signal: AbortSignal | undefined): Promise<Head> => {
  const basis = new Basis(operator.rows, sketch, block, draw);
  let [mass, products] = [0, 0];
  for (const count of blocks(sketch, block)) {
    throwIfAborted(signal);
    const from = basis.count;
    basis.append(await operator.apply(draw.normals(operator.columns * count), count, signal), count);
    const added = basis.count - from;
    mass += squares(await operator.applyTransposed(basis.columns(from, added), added, signal));
    products += count + added;
  }
  return { basis, mass, error: 0, norm: null, products };
};

/**
 * ‖J‖_F² by Hutch++: exactly on a few directions Q (given triplets, or a sketch J·Ω), by Gaussian probes on the rest: ‖QᵀJ‖² + mean
 * ‖Jᵀ(I − QQᵀ)g‖². The interval is a theorem, not a standard error, and narrow where triplets with their bound of the rest are given.
 * Cost: probes products, and 2·sketch more without triplets. Deterministic in `seed`.
 * @source Meyer, Musco, Musco, Woodruff 2021 (Hutch++). @throws what the operator throws, LensError CANCELLED.
 */
export const estimateSquaredNorm = async (operator: LinearOperator, options: TraceOptions = {}): Promise<SquaredNorm> => {
  const { probes = 32, leading, failure = 0.05, block = 8, seed = 0, signal } = options;
  const draw = random(seed, "trace estimate");
  const sketch = Math.min(options.sketch ?? 16, operator.rows, operator.columns);
  const head = leading ? headOfTriplets(leading, block, draw) : await headOfSketch(operator, sketch, block, draw, signal);
  let sum = 0;
  for (const count of blocks(probes, block)) {
    throwIfAborted(signal);
    sum += squares(await operator.applyTransposed(head.basis.without(draw.normals(operator.rows * count), count), count, signal));
  }
  const [low, high] = interval(sum / probes, probes, head.norm, failure);
  return { value: head.mass + sum / probes, low: Math.max(0, head.mass - head.error + low), high: head.mass + head.error + high, failure, products: head.products + probes };
};

/** ‖J‖_F² − Σλ̂², the mass beyond the leading triplets, with the interval that follows from both. Not below zero. Cost: O(count). */
export const tailMass = ({ values, certificates }: Pick<Triplets, "values" | "certificates">, total: SquaredNorm): { readonly mass: number; readonly low: number; readonly high: number } => {
  const head = squares(values);
  const error = values.reduce((sum, value, s) => sum + certificates[s]! * (2 * value + certificates[s]!), 0);
  return { mass: Math.max(0, total.value - head), low: Math.max(0, total.low - head - error), high: Math.max(0, total.high - head + error) };
};
