import { LensError } from "../core/errors.ts";
import { part, silent, type Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import { reduceToBand } from "./band.ts";
import { applyChase, bandToTridiagonal } from "./bulge-chasing.ts";
import { implicitQl } from "./implicit-ql.ts";
import { inverseIteration } from "./inverse-iteration.ts";
import type { Address } from "./kernels.ts";
import { pauses, type Pause } from "./pause.ts";
import { applyReflectors, type BandReduction } from "./reflectors.ts";
import { storedAt } from "./storage.ts";
import type { Tridiagonal } from "./tridiagonal.ts";

export interface SpectrumOptions {
  /** How many leading eigenvectors to return; 0 when absent. */
  readonly leading?: number;
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

const checkShapes = (matrix: Float64Array, n: number, vectors: readonly Float64Array[], leading: number): void => {
  const fits = Number.isInteger(n) && n > 0 && matrix.length === n * n && vectors.every(({ length }) => length === n);
  if (!fits || !Number.isInteger(leading) || leading < 0 || leading > n)
    throw new RangeError(`symmetricSpectrum: matrix of ${matrix.length}, vectors of ${vectors.map(({ length }) => length).join(", ")} numbers and ${leading} leading ones do not fit n = ${n}`);
};

/** The power of two nearest above max |A_ij|; dividing by it is exact and keeps squares within range. @throws LensError NOT_FINITE. */
const scaleOf = (arena: Arena, matrix: Address, n: number): number => {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    const inColumn = arena.kernels.largest(n - j, matrix + 8 * j * (n + 1));
    if (!Number.isFinite(inColumn)) throw notFinite(`row ${j} of the symmetric matrix`);
    largest = Math.max(largest, inColumn);
  }
  return largest === 0 ? 1 : 2 ** Math.min(1023, Math.ceil(Math.log2(largest)));
};

const notFinite = (where: string): LensError =>
  new LensError("NOT_FINITE", `There is a NaN or an infinity in ${where}.`, "Look for NaN in the weights and the data, and for values too large for the precision (--precision double).");

/** Divides by a power of two, in two steps where its inverse is out of range. */
const divide = (arena: Arena, address: Address, count: number, power: number): void => {
  const factors = Number.isFinite(1 / power) ? [1 / power] : [2 ** 512, 2 ** -512 / power];
  for (const factor of factors) if (factor !== 1) arena.kernels.scale(count, factor, address);
};

/** Row-major [n, width] from the columns of [n, count], in blocks that stay in the cache; columns from `count` on are left as they are. */
const toRows = (columns: Float64Array, n: number, count: number, rows: Float64Array, width: number): void => {
  for (let v = 0; v < count; v += 8)
    for (let i = 0; i < n; i++) for (let k = v; k < Math.min(v + 8, count); k++) rows[i * width + k] = columns[k * n + i]!;
};

const toColumns = (rows: Float64Array, width: number, n: number, count: number, columns: Float64Array): void => {
  for (let v = 0; v < count; v += 8)
    for (let i = 0; i < n; i++) for (let k = v; k < Math.min(v + 8, count); k++) columns[k * n + i] = rows[i * width + k]!;
};

/** The order of the values, largest first. */
const descending = (values: Float64Array): Uint32Array => Uint32Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]!);

/** A = Q·T·Qᵀ, in two steps: Q = (panels of reflectors)·(reflectors of the chase, kept when vectors are wanted). */
interface Reduction {
  readonly panels: BandReduction;
  readonly kept: Address | null;
  readonly tridiagonal: Tridiagonal;
}

/** The given vectors as rows [n, width]: Qᵀz_v in column v. */
interface Rows {
  readonly address: Address;
  readonly count: number;
  readonly width: number;
}

const padded = (count: number): number => Math.ceil(count / 8) * 8;

/** Reduces A to T and takes the given vectors along. */
const reduce = async (arena: Arena, matrix: Address, n: number, vectors: readonly Float64Array[], leading: number, pause: Pause, progress: Progress): Promise<Reduction & { readonly rows: Rows }> => {
  const { reduction: panels, band } = await reduceToBand(arena, matrix, n, pause, part(progress, 0, 0.8));
  const count = vectors.length;
  const width = padded(count);
  const columns = arena.reserve(n * count);
  for (const [v, z] of vectors.entries()) arena.view(columns + 8 * n * v, n).set(z);
  await applyReflectors(arena, panels, true, columns, count, pause);
  const address = arena.reserve(n * width);
  toRows(arena.view(columns, n * count), n, count, arena.view(address, n * width), width);
  const kept = leading > 0 ? arena.reserve((n * (n - 1)) / 2) : null;
  const tridiagonal = await bandToTridiagonal(arena, band, n, address, width, kept, pause, part(progress, 0.8, 1));
  return { panels, kept, tridiagonal, rows: { address, count, width } };
};

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
  const { panels, kept, tridiagonal } = reduction;
  if (kept === null) return new Float64Array(0);
  const n = panels.n;
  const count = values.length;
  const width = padded(count);
  const block = arena.reserve(n * count);
  await inverseIteration(arena, tridiagonal, values, block, pause, part(progress, 0, 0.5));
  align(arena.view(block, n * count));
  const rows = arena.reserve(n * width);
  toRows(arena.view(block, n * count), n, count, arena.view(rows, n * width), width);
  await applyChase(arena, n, rows, width, kept, pause);
  toColumns(arena.view(rows, n * width), width, n, count, arena.view(block, n * count));
  progress(0.8, `turning ${count} singular vectors back`);
  await applyReflectors(arena, panels, false, block, count, pause);
  progress(1, `${count} singular vectors`);
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
  checkShapes(matrix, n, vectors, leading);
  for (const [i, z] of vectors.entries()) if (!z.every(Number.isFinite)) throw notFinite(`vector ${i} of those whose energies are asked for`);
  const pause = pauses(signal);
  const { arena, address } = storedAt(matrix);
  const scale = scaleOf(arena, address, n);
  divide(arena, address, n * n, scale);
  const reduction = await reduce(arena, address, n, vectors, leading, pause, part(progress, 0, 0.8));
  const { rows, tridiagonal } = reduction;
  const all = rows.width * n;
  const reduced = arena.view(rows.address, all).slice();
  const unsorted = await implicitQl(arena, tridiagonal, rows.address, rows.width, pause, part(progress, 0.8, 0.9));
  const order = descending(unsorted);
  const values = Float64Array.from(order, (from) => unsorted[from]!);
  const carried = arena.view(rows.address, all);
  const coefficients = vectors.map((_, v) => Float64Array.from(order, (from) => carried[from * rows.width + v]!));
  const align = (found: Float64Array): void => alignSigns(found, n, reduced, rows.width, coefficients);
  const found = await leadingVectors(arena, reduction, values.subarray(0, leading), align, pause, part(progress, 0.9, 1));
  progress(1, `${n} eigenvalues`);
  return { values: values.map((value) => value * scale), coefficients, vectors: found };
};
