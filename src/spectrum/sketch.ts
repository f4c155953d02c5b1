import { throwIfAborted } from "../core/errors.ts";
import { silent, type Progress } from "../core/progress.ts";
import { type Random, random } from "../core/random.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { Basis } from "./krylov-basis.ts";
import { smallSvd } from "./small-svd.ts";
import { measuredResiduals } from "./triplet-residuals.ts";

export interface SketchOptions {
  /** Random directions; at least the number of values wanted. */
  readonly directions: number;
  /** How often the span of J·Ω is taken through J·Jᵀ, which makes the top of the spectrum stand out; 0 when absent. */
  readonly powers?: number;
  /** Directions per product; 8 when absent. */
  readonly block?: number;
  readonly seed?: number;
  /** A bound of ‖E‖ when the products are those of J + E. */
  readonly productError?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** The leading part of a spectrum as random directions show it. All arrays are owned by the caller. */
export interface Sketch {
  readonly values: Float64Array;
  /** û_s at [s·rows, (s + 1)·rows). */
  readonly left: Float64Array;
  /** A singular value of J lies that near to each value; null where Jᵀ is not to be had. */
  readonly certificates: Float64Array | null;
  /** Vectors that J or Jᵀ was applied to. */
  readonly products: number;
}

/** A sketch from J·Ω alone. */
export interface SketchOfImages extends Sketch {
  /** The mean of ‖J·ω‖² over the directions, which estimates ‖J‖_F², and its standard error. Never below the sum of the squared values, which are of the same images. */
  readonly squaredNorm: { readonly value: number; readonly standardError: number };
}

type Half = Pick<LinearOperator, "rows" | "columns" | "apply">;

/** Gaussian directions; the unit vectors, as long as Gaussian ones are on average, where there are as many as columns: J itself is then seen. */
const directionsOf = (columns: number, from: number, count: number, whole: boolean, draw: Random): Float64Array => {
  if (!whole) return draw.normals(columns * count);
  const block = new Float64Array(columns * count);
  for (let j = 0; j < count; j++) block[j * columns + from + j] = Math.sqrt(columns);
  return block;
};

/** Y = J·Ω, [rows, directions]. */
const see = async ({ rows, columns, apply }: Half, directions: number, { block = 8, seed = 0, progress = silent, signal }: SketchOptions): Promise<Float64Array> => {
  const draw = random(seed, "sketch");
  const images = new Float64Array(rows * directions);
  for (let from = 0; from < directions; from += block) {
    throwIfAborted(signal);
    const count = Math.min(block, directions - from);
    images.set(await apply(directionsOf(columns, from, count, directions === columns, draw), count, signal), from * rows);
    progress((from + count) / directions, `random direction ${from + count}/${directions}`);
  }
  return images;
};

/** The mean of ‖J·ω‖² over images of directions, and its standard error: none where they were all there are. */
const meanSquare = (images: Float64Array, { rows, columns }: Half, directions: number): SketchOfImages["squaredNorm"] => {
  const lengths = Float64Array.from({ length: directions }, (_, j) => images.subarray(j * rows, (j + 1) * rows).reduce((sum, x) => sum + x * x, 0));
  const value = lengths.reduce((sum, x) => sum + x, 0) / directions;
  const spread = directions === columns ? 0 : lengths.reduce((sum, x) => sum + (x - value) ** 2, 0) / Math.max(1, directions - 1);
  return { value, standardError: Math.sqrt(spread / directions) };
};

/** Vectors that are made orthogonal to those before them at a time; a basis has room for so many beside those it holds. */
const TOGETHER = 32;

/** Vectors given as columns, as an orthonormal basis and the coefficients on it, [count, count] column-major. */
const orthonormalised = (vectors: Float64Array, size: number, count: number, draw: Random): { readonly basis: Basis; readonly coefficients: Float64Array } => {
  const basis = new Basis(size, count, Math.min(TOGETHER, count), draw);
  const coefficients = new Float64Array(count * count);
  for (let from = 0; from < count; from += TOGETHER) {
    const some = Math.min(TOGETHER, count - from);
    const { rows, values } = basis.append(vectors.subarray(from * size, (from + some) * size), some);
    for (let j = 0; j < some; j++) coefficients.set(values.subarray(j * rows, (j + 1) * rows), (from + j) * count);
  }
  return { basis, coefficients };
};

/** The singular values of `coefficients`, and the basis turned so that its first `wanted` vectors are the left ones. */
const turned = async (basis: Basis, coefficients: Float64Array, wanted: number): Promise<{ readonly values: Float64Array; readonly vectors: Float64Array; readonly right: Float64Array }> => {
  const count = basis.count;
  const { values, left, right } = await smallSvd(coefficients, count);
  basis.rotate(count, left, wanted);
  return { values: values.slice(0, wanted), vectors: basis.columns(0, wanted), right };
};

const countOf = ({ rows, columns }: Half, wanted: number, { directions }: SketchOptions): { readonly count: number; readonly kept: number } => {
  const count = Math.min(Math.max(directions, wanted), rows, columns);
  return { count, kept: Math.min(wanted, count) };
};

/**
 * The `wanted` leading singular values from J·Ω (or (JJᵀ)^powers·J·Ω) and Jᵀ of its span Q: those of QᵀJ, each at most the λ_s it stands for (to the products'
 * error), right where the spectrum falls over the directions beyond, too small where it is flat. Certificates from two products more each.
 * Cost: 2·((powers + 1)·directions + wanted) products; 8·directions·(3·rows + 4·columns) bytes. Deterministic in `seed`.
 * @source Halko, Martinsson, Tropp 2011, Algorithms 4.4 and 5.1. @throws what the operator throws, LensError CANCELLED, NOT_FINITE, MATRIX_TOO_LARGE.
 */
export const sketchedTriplets = async (operator: LinearOperator, wanted: number, options: SketchOptions): Promise<Sketch> => {
  const { rows, columns } = operator;
  const { block = 8, seed = 0, productError = 0, powers = 0, progress = silent, signal } = options;
  const { count, kept } = countOf(operator, wanted, options);
  const draw = random(seed, "sketch basis");
  const passes = 2 + 2 * powers;
  let pass = 1;
  /** All vectors of a basis through J or Jᵀ, a block at a time. */
  const through = async (apply: LinearOperator["apply"], basis: Basis, length: number): Promise<Float64Array> => {
    const found = new Float64Array(length * count);
    for (let from = 0; from < count; from += block) {
      throwIfAborted(signal);
      const some = Math.min(block, count - from);
      found.set(await apply(basis.columns(from, some), some, signal), from * length);
      progress((0.9 * (pass + (from + some) / count)) / passes, `projection ${pass}/${passes - 1} of the Jacobian, direction ${from + some}/${count}`);
    }
    pass++;
    return found;
  };
  const images = await see(operator, count, { ...options, progress: (fraction, label) => { progress((0.9 * fraction) / passes, label); } });
  let { basis } = orthonormalised(images, rows, count, draw);
  for (let power = 0; power < powers; power++) {
    const back = orthonormalised(await through((...a) => operator.applyTransposed(...a), basis, columns), columns, count, draw);
    ({ basis } = orthonormalised(await through((...a) => operator.apply(...a), back.basis, rows), rows, count, draw));
  }
  // Jᵀ·Q = P·C: the right vectors of C turn Q into left vectors of J, its left ones P into right vectors.
  const other = orthonormalised(await through((...a) => operator.applyTransposed(...a), basis, columns), columns, count, draw);
  const { values, vectors: right, right: turn } = await turned(other.basis, other.coefficients, kept);
  basis.rotate(count, turn, kept);
  const left = basis.columns(0, kept);
  const residuals = await measuredResiduals(operator, { values, left, right }, block, signal);
  progress(1, `${kept} singular values`);
  return { values, left, certificates: residuals.map((residual) => residual + productError), products: passes * count + 2 * kept };
};

/**
 * The same from J·Ω alone, for a J that has no Jᵀ: the singular values of J·Ω/√directions. They scatter by about 1/√(2·directions) of
 * themselves at the top and are too large below, by up to ‖J‖_F/√directions: the bulk is widened. Cost: `directions` products.
 * @source Halko, Martinsson, Tropp 2011, §4; THEORY §9. @throws as `sketchedTriplets`.
 */
export const sketchedValues = async (operator: Half, wanted: number, options: SketchOptions): Promise<SketchOfImages> => {
  const { count, kept } = countOf(operator, wanted, options);
  const images = await see(operator, count, options);
  const { basis, coefficients } = orthonormalised(images, operator.rows, count, random(options.seed ?? 0, "sketch basis"));
  const { values, vectors } = await turned(basis, coefficients, kept);
  return { values: values.map((value) => value / Math.sqrt(count)), left: vectors, certificates: null, squaredNorm: meanSquare(images, operator, count), products: count };
};
