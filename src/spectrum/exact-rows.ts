import { symmetricSpectrum } from "../linalg/eigen.ts";
import { createGramSum } from "../linalg/gram-sum.ts";
import { gramMatrix, matrixProduct } from "../linalg/matrix-product.ts";
import { orthonormalRows } from "../linalg/orthonormalise.ts";
import { gathered, type RowSlice, type RowSource } from "../linalg/row-source.ts";
import { exactSpectrum, type ExactOptions, type ExactSpectrum, ofSingularValues, roots } from "./exact.ts";
import { roundingFloor } from "./floor.ts";

/** The spectrum of a Jacobian that was seen row by row, and what else the visit gave. */
export interface RowsSpectrum extends ExactSpectrum {
  /** Σ_i J_ij² of every column, [columns]. */
  readonly squaredColumns: Float64Array;
  /** Jᵀz for each given vector, [columns]. */
  readonly pulled: readonly Float64Array[];
}

/** Numbers of a slice that are taken in float64 at once: copies of them stay small beside the slice. */
const PIECE = 2 ** 20;

/** A slice in float64, some rows at a time. */
const pieces = function* ({ from, count, values }: RowSlice, columns: number): Generator<RowSlice & { readonly values: Float64Array }> {
  const depth = Math.max(1, Math.floor(PIECE / columns));
  for (let at = 0; at < count; at += depth) {
    const rows = Math.min(depth, count - at);
    const own = values.subarray(at * columns, (at + rows) * columns);
    yield { from: from + at, count: rows, values: own instanceof Float64Array ? own : new Float64Array(own) };
  }
};

/** Row-major [rows, columns] → [columns, rows]; a new array. */
export const transpose = (a: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j] ?? 0;
  return out;
};

/** The given entries of each vector as the rows of a matrix [vectors, count]. */
const entriesOf = (vectors: readonly Float64Array[], from: number, count: number): Float64Array => {
  const entries = new Float64Array(vectors.length * count);
  vectors.forEach((z, v) => { entries.set(z.subarray(from, from + count), v * count); });
  return entries;
};

/** Jᵀz of several vectors and the squared norms of the columns, summed over slices. */
const createSums = (columns: number, vectors: readonly Float64Array[]): { readonly pulled: readonly Float64Array[]; readonly squaredColumns: Float64Array; add(slice: RowSlice): void } => {
  const pulled = vectors.map(() => new Float64Array(columns));
  const squaredColumns = new Float64Array(columns);
  return {
    pulled,
    squaredColumns,
    add: (slice) => {
      for (const { from, count, values } of pieces(slice, columns)) {
        const found = matrixProduct(entriesOf(vectors, from, count), values, vectors.length, count, columns);
        pulled.forEach((sum, v) => { for (let j = 0; j < columns; j++) sum[j]! += found[v * columns + j]!; });
        for (let i = 0; i < count; i++) for (let j = 0; j < columns; j++) squaredColumns[j]! += values[i * columns + j]! ** 2;
      }
    },
  };
};

/** u_s ∝ J·v_s for `count` right vectors, made orthonormal in order, so that the less accurate later ones do not disturb the earlier. */
const leftVectors = async (source: RowSource, right: Float64Array, count: number): Promise<Float64Array> => {
  if (count === 0) return new Float64Array(0);
  const { rows, columns } = source;
  const turned = transpose(right, count, columns);
  const images = new Float64Array(rows * count);
  await source.visit((slice) => { for (const piece of pieces(slice, columns)) images.set(matrixProduct(piece.values, turned, piece.count, columns, count), piece.from * count); });
  return orthonormalRows(transpose(images, rows, count), count, rows);
};

/** From JᵀJ [columns, columns]: neither J nor JJᵀ is held. */
const ofColumns = async (source: RowSource, vectors: readonly Float64Array[], options: ExactOptions): Promise<RowsSpectrum> => {
  const { columns } = source;
  const sums = createSums(columns, vectors);
  const normal = createGramSum(columns);
  await source.visit((slice) => {
    normal.add(slice.values, slice.count);
    sums.add(slice);
  });
  const asked = ofSingularValues(options.leading);
  const leading = typeof asked === "number" ? Math.min(asked, columns) : (values: Float64Array) => Math.min(asked(values), columns);
  const found = await symmetricSpectrum(normal.finish(), columns, sums.pulled, { ...options, leading });
  const singularValues = roots(found.values);
  const floor = roundingFloor(singularValues[0] ?? 0, columns);
  const coefficients = found.coefficients.map((c) => c.map((value, s) => ((singularValues[s] ?? 0) > floor ? value / (singularValues[s] ?? 1) : 0)));
  const above = singularValues.findIndex((value) => value <= floor);
  const count = Math.min(found.vectors.length / columns, above < 0 ? columns : above);
  return { singularValues, coefficients, vectors: await leftVectors(source, found.vectors.subarray(0, count * columns), count), floor, squaredColumns: sums.squaredColumns, pulled: sums.pulled };
};

/** The sums over a J that is held. */
export const sumsOver = (jacobian: Float64Array, rows: number, columns: number, vectors: readonly Float64Array[]): Pick<RowsSpectrum, "pulled" | "squaredColumns"> => {
  const sums = createSums(columns, vectors);
  sums.add({ from: 0, count: rows, values: jacobian });
  return sums;
};

/** From JJᵀ [rows, rows], J being held for it. */
const ofRows = async (source: RowSource, vectors: readonly Float64Array[], options: ExactOptions): Promise<RowsSpectrum> => {
  const { rows, columns } = source;
  const jacobian = await gathered(source);
  const { squaredColumns, pulled } = sumsOver(jacobian, rows, columns, vectors);
  return { ...(await exactSpectrum(gramMatrix(jacobian, rows, columns, "rows"), rows, vectors, options)), squaredColumns, pulled };
};

/**
 * All min(rows, columns) singular values of J given by its rows: from JJᵀ, or from JᵀJ where there are fewer columns. Then u_s = J·v_s/λ_s,
 * coefficients are v_sᵀ(Jᵀz)/λ_s, and where λ_s is below the floor u_s is not determined: its coefficients are zero and `vectors` ends there,
 * so it may hold fewer than `leading`. What of z lies outside of the range of J is in no coefficient.
 * Memory: 8·columns² bytes and a slice with fewer columns, for which the source is visited twice; else 8·rows·columns for J itself.
 * Cost: rows·columns·min(rows, columns) FLOPs for the Gram matrix, then as `symmetricSpectrum`.
 * @throws LensError NOT_FINITE, MATRIX_TOO_LARGE, NO_CONVERGENCE, CANCELLED, and what the source throws.
 */
export const exactSpectrumOfRows = (source: RowSource, vectors: readonly Float64Array[], options: ExactOptions): Promise<RowsSpectrum> =>
  source.columns < source.rows ? ofColumns(source, vectors, options) : ofRows(source, vectors, options);
