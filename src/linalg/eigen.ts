import { part, silent, type Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import { implicitQl } from "./implicit-ql.ts";
import { inverseIteration } from "./inverse-iteration.ts";
import { pauses, type Pause } from "./pause.ts";
import { reduceToTridiagonal, turnBack, type Reduction } from "./reduction.ts";
import { divide, notFinite, scaleOf } from "./scaling.ts";
import { storedAt } from "./storage.ts";

export interface SpectrumOptions {
  /** How many leading eigenvectors to return, or how many of these values (descending) to return them for; 0 when absent. */
  readonly leading?: number | ((values: Float64Array) => number);
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface SymmetricSpectrum {
  /** [n], descending. */
  readonly values: Float64Array;
  /** For each given vector z: u_sᵀz, [n], in the order of `values`. */
  readonly coefficients: readonly Float64Array[];
  /** The first `leading` eigenvectors: u_s at [s·n, (s + 1)·n). */
  readonly vectors: Float64Array;
}

const checkShapes = (matrix: Float64Array, n: number, vectors: readonly Float64Array[]): void => {
  if (Number.isInteger(n) && n > 0 && matrix.length === n * n && vectors.every(({ length }) => length === n)) return;
  throw new RangeError(`symmetricSpectrum: matrix of ${matrix.length} and vectors of ${vectors.map(({ length }) => length).join(", ")} numbers do not fit n = ${n}`);
};

const checkLeading = (leading: number, n: number): number => {
  if (Number.isInteger(leading) && leading >= 0 && leading <= n) return leading;
  throw new RangeError(`symmetricSpectrum: ${leading} leading vectors do not fit n = ${n}`);
};

/** The order of the values, largest first. */
const descending = (values: Float64Array): Uint32Array => Uint32Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]!);

/**
 * Turns each vector of T round where needed, so that it agrees in sign with the coefficients: of the given vectors, the one with the
 * largest coefficient decides. `reduced` [n, width]: the given vectors in T's basis.
 */
const alignSigns = (vectors: Float64Array, n: number, reduced: Float64Array, width: number, coefficients: readonly Float64Array[]): void => {
  if (coefficients.length === 0) return;
  for (let s = 0; s * n < vectors.length; s++) {
    const sizes = coefficients.map((c) => Math.abs(c[s]!));
    const decisive = sizes.indexOf(Math.max(...sizes));
    let inner = 0;
    for (let i = 0; i < n; i++) inner += vectors[s * n + i]! * reduced[i * width + decisive]!;
    if (inner * coefficients[decisive]![s]! < 0) for (let i = 0; i < n; i++) vectors[s * n + i] = -vectors[s * n + i]!;
  }
};

/** Leading eigenvectors of A, from those of T: [n, values.length]. */
const leadingVectors = async (arena: Arena, reduction: Reduction, values: Float64Array, align: (vectors: Float64Array) => void, pause: Pause, progress: Progress): Promise<Float64Array> => {
  const { n } = reduction.panels;
  const count = values.length;
  if (count === 0) return new Float64Array(0);
  const block = arena.reserve(n * count);
  await inverseIteration(arena, reduction.tridiagonal, values, block, pause, part(progress, 0, 0.6));
  align(arena.view(block, n * count));
  await turnBack(arena, reduction, block, count, pause);
  progress(1, `${count} eigenvectors`);
  return arena.view(block, n * count).slice();
};

/**
 * All eigenvalues of a symmetric matrix A = U·Λ·Uᵀ, the coefficients Uᵀz of a few given vectors, and the leading eigenvectors, without
 * forming U: A = Q·T·Qᵀ once (by way of a band matrix), Qᵀz, then T's rotations carried through those few rows.
 *
 * `matrix` [n, n] is row-major and used up; only its upper triangle is read (a[i·n + j], j ≥ i). Made by `symmetricStorage` it is worked on
 * in place. Coefficients and vectors of a simple eigenvalue agree in sign; within a repeated eigenvalue each uses a basis of its own, of
 * which only the sum of squared coefficients is determined.
 * Memory: 8·n·(n + 300 + 3·vectors) bytes of at most 4 GiB, so n up to about 22,000; with leading vectors 8·n·(n/2 + 2·leading) more, so
 * n up to about 18,500. A copied matrix takes its own size again outside of that.
 * Cost: 4/3·n³ + 4·n²·(vectors + leading) FLOPs and 1.5·n² rotations. Errors of the values: a few ε·λ_1.
 * @throws LensError NOT_FINITE, MATRIX_TOO_LARGE, NO_CONVERGENCE, CANCELLED; RangeError when lengths do not fit.
 * @source Golub, Van Loan, Matrix Computations, 8.3.
 */
export const symmetricSpectrum = async (matrix: Float64Array, n: number, vectors: readonly Float64Array[], options: SpectrumOptions = {}): Promise<SymmetricSpectrum> => {
  const { leading = 0, progress = silent, signal } = options;
  checkShapes(matrix, n, vectors);
  if (typeof leading === "number") checkLeading(leading, n);
  for (const [i, z] of vectors.entries()) if (!z.every(Number.isFinite)) throw notFinite(`vector ${i} of those whose energies are asked for`);
  const pause = pauses(signal);
  const { arena, address } = storedAt(matrix);
  const scale = scaleOf(arena, address, n);
  divide(arena, address, n * n, scale);
  const reduction = await reduceToTridiagonal(arena, address, n, vectors, leading !== 0, pause, part(progress, 0, 0.8));
  const { rows, tridiagonal } = reduction;
  const all = rows.width * n;
  const reduced = arena.view(rows.address, all).slice();
  const unsorted = await implicitQl(arena, tridiagonal, rows.address, rows.width, pause, part(progress, 0.8, 0.9));
  const order = descending(unsorted);
  const values = Float64Array.from(order, (from) => unsorted[from]!);
  const carried = arena.view(rows.address, all);
  const coefficients = vectors.map((_, v) => Float64Array.from(order, (from) => carried[from * rows.width + v]!));
  const align = (found: Float64Array): void => alignSigns(found, n, reduced, rows.width, coefficients);
  const scaled = values.map((value) => value * scale);
  const count = typeof leading === "number" ? leading : checkLeading(leading(scaled), n);
  const found = await leadingVectors(arena, reduction, values.subarray(0, count), align, pause, part(progress, 0.9, 1));
  progress(1, `${n} eigenvalues`);
  return { values: scaled, coefficients, vectors: found };
};
