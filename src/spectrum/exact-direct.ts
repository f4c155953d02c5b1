import { random } from "../core/random.ts";
import { symmetricSpectrum } from "../linalg/eigen.ts";
import { matrixProduct } from "../linalg/matrix-product.ts";
import { orthonormalRows } from "../linalg/orthonormalise.ts";
import { gathered, type RowSource } from "../linalg/row-source.ts";
import { symmetricStorage } from "../linalg/storage.ts";
import { type ExactOptions, ofSingularValues } from "./exact.ts";
import { type RowsSpectrum, sumsOver, transpose } from "./exact-rows.ts";
import { directFloor } from "./floor.ts";
import { Basis } from "./krylov-basis.ts";

/** Vectors added to a basis at once. */
const BLOCK = 32;

/** J or Jᵀ as orthonormal vectors Q [size, short] times a square M [short, short], column-major. */
interface Factored {
  readonly basis: Basis;
  readonly m: Float64Array;
}

/** `count` vectors of length `size`, one after another, as Q·M: dependent ones get zeros in M where they bring nothing new. */
const factored = (vectors: Float64Array, size: number, count: number): Factored => {
  const basis = new Basis(size, count, Math.min(BLOCK, count), random(0, "direct spectrum"));
  const m = new Float64Array(count * count);
  for (let from = 0; from < count; from += BLOCK) {
    const some = Math.min(BLOCK, count - from);
    const { rows, values } = basis.append(vectors.subarray(from * size, (from + some) * size), some);
    for (let j = 0; j < some; j++) m.set(values.subarray(j * rows, (j + 1) * rows), (from + j) * count);
  }
  return { basis, m };
};

/** [0 M; Mᵀ 0], whose eigenvalues are ±λ: small λ keep their digits, as they would not in MᵀM. @source Golub, Kahan 1965. */
const doubled = (m: Float64Array, n: number): Float64Array => {
  const matrix = symmetricStorage(2 * n);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) matrix[i * 2 * n + n + j] = m[j * n + i]!;
  return matrix;
};

/** The coefficient of a vector in the pair ±λ: eigenvectors of both hold u/√2, or near λ = 0 any two combinations of them. */
const ofPair = (plus: number, minus: number): number => (plus < 0 ? -1 : 1) * Math.hypot(plus, minus);

/**
 * All min(rows, columns) singular values of J itself, not of a Gram matrix: J = Q·M by orthonormalising its short side, then the symmetric
 * matrix [0 M; Mᵀ 0]. Errors of the values: `directFloor`, five orders less than from JJᵀ. Below the floor `vectors` ends, so that it may hold
 * fewer than `leading`. Memory: 4·8·rows·columns bytes and an eigenproblem of order 2·min(rows, columns). Cost: 4·rows·columns·min(rows,
 * columns) FLOPs, and eight times the eigenproblem of a Gram matrix.
 * @throws LensError NOT_FINITE, MATRIX_TOO_LARGE, NO_CONVERGENCE, CANCELLED, and what the source throws.
 */
export const directSpectrum = async (source: RowSource, vectors: readonly Float64Array[], options: ExactOptions): Promise<RowsSpectrum> => {
  const { rows, columns } = source;
  const jacobian = await gathered(source);
  const { squaredColumns, pulled } = sumsOver(jacobian, rows, columns, vectors);
  const wide = rows <= columns;
  const n = Math.min(rows, columns);
  const { basis, m } = wide ? factored(jacobian, columns, n) : factored(transpose(jacobian, rows, columns), rows, n);
  // Rows of J are Q·M, so that M's right vectors are J's left ones; columns of J are Q·M: J's left vectors are Q times M's.
  const q = wide ? null : basis.columns(0, n);
  const carried = vectors.map((z) => {
    const both = new Float64Array(2 * n);
    both.set(q ? matrixProduct(q, z, n, rows, 1) : z, q ? 0 : n);
    return both;
  });
  const asked = ofSingularValues(options.leading);
  const above = (values: Float64Array): number => values.filter((value) => value > directFloor(values[0] ?? 0)).length;
  const leading = (values: Float64Array): number => {
    const own = values.subarray(0, n).map((value) => Math.max(0, value));
    return Math.min(typeof asked === "number" ? asked : asked(own.map((value) => value * value)), above(own));
  };
  const { leading: _, ...rest } = options;
  const found = await symmetricSpectrum(doubled(m, n), 2 * n, carried, { ...rest, leading });
  const singularValues = found.values.slice(0, n).map((value) => Math.max(0, value));
  const count = found.vectors.length / (2 * n);
  const halves = new Float64Array(count * n);
  for (let s = 0; s < count; s++) halves.set(found.vectors.subarray(s * 2 * n + (wide ? n : 0), s * 2 * n + (wide ? 2 * n : n)), s * n);
  const left = count === 0 ? halves : orthonormalRows(q ? matrixProduct(halves, q, count, n, rows) : halves, count, rows);
  return {
    singularValues,
    coefficients: found.coefficients.map((c) => Float64Array.from({ length: n }, (_value, s) => ofPair(c[s]!, c[2 * n - 1 - s]!))),
    vectors: left,
    floor: directFloor(singularValues[0] ?? 0),
    squaredColumns,
    pulled,
  };
};
