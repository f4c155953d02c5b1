import { symmetricSpectrum } from "../linalg/eigen.ts";
import { gramMatrix, matrixProduct } from "../linalg/matrix-product.ts";
import { orthonormalRows } from "../linalg/orthonormalise.ts";
import { exactSpectrum, type ExactOptions, type ExactSpectrum, ofSingularValues, roots } from "./exact.ts";
import { roundingFloor } from "./floor.ts";

/**
 * All singular values of J given by its rows [rows, columns] (row-major, kept): from JJᵀ, or from JᵀJ where there are fewer columns. Then
 * u_s = J·v_s/λ_s, coefficients are v_sᵀ(Jᵀz)/λ_s, and where λ_s is below the floor u_s is not determined: its coefficients are zero and
 * `vectors` ends there, so it may hold fewer than `leading`. There are min(rows, columns) singular values.
 * Cost: rows·columns·min(rows, columns) FLOPs for the Gram matrix, then as `symmetricSpectrum`.
 * @throws LensError NOT_FINITE, MATRIX_TOO_LARGE, NO_CONVERGENCE, CANCELLED.
 */
export const exactSpectrumOfRows = async (jacobian: Float64Array, rows: number, columns: number, vectors: readonly Float64Array[], options: ExactOptions): Promise<ExactSpectrum> => {
  if (columns >= rows) return exactSpectrum(gramMatrix(jacobian, rows, columns, "rows"), rows, vectors, options);
  const pulled = vectors.map((z) => matrixProduct(z, jacobian, 1, rows, columns));
  const asked = ofSingularValues(options.leading);
  const leading = typeof asked === "number" ? Math.min(asked, columns) : (values: Float64Array) => Math.min(asked(values), columns);
  const found = await symmetricSpectrum(gramMatrix(jacobian, rows, columns, "columns"), columns, pulled, { ...options, leading });
  const singularValues = roots(found.values);
  const floor = roundingFloor(singularValues[0] ?? 0, options.precision);
  const coefficients = found.coefficients.map((c) => c.map((value, s) => ((singularValues[s] ?? 0) > floor ? value / (singularValues[s] ?? 1) : 0)));
  const above = singularValues.findIndex((value) => value <= floor);
  const count = Math.min(found.vectors.length / columns, above < 0 ? columns : above);
  const right = found.vectors.subarray(0, count * columns);
  return { singularValues, coefficients, vectors: leftVectors(jacobian, rows, columns, right, count), floor };
};

/** u_s ∝ J·v_s, made orthonormal in order, so that the less accurate later ones do not disturb the earlier. */
const leftVectors = (jacobian: Float64Array, rows: number, columns: number, right: Float64Array, count: number): Float64Array => {
  if (count === 0) return new Float64Array(0);
  const images = matrixProduct(jacobian, transpose(right, count, columns), rows, columns, count);
  return orthonormalRows(transpose(images, rows, count), count, rows);
};

const transpose = (a: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j] ?? 0;
  return out;
};
