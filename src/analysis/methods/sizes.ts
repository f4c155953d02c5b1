/** What the methods hold, in bytes, beside ONNX Runtime's own: pure, for the plan and for refusing before the work begins. */

/** A problem's dimensions. */
export interface Dimensions {
  /** n·K. */
  readonly rows: number;
  /** p. */
  readonly columns: number;
  /** Left singular vectors that are wanted. */
  readonly rank: number;
}

/** Vectors carried through the eigen-analysis: labels, residual, their permutations and one of the check. */
const CARRIED = 23;

/** Bytes of a slice of rows, and as many again for the gradients it is made from. */
export const SLICE_BYTES = 2 ** 27;

/** The matrix of a dense symmetric eigenproblem of n numbers a side, and what it is reduced to. */
export const eigenMatrixBytes = (n: number): number => 8 * n * 1.5 * n;

/** The dense symmetric eigenproblem of n numbers a side with `rank` vectors; see `symmetricSpectrum`. */
export const eigenBytes = (n: number, rank: number): number => eigenMatrixBytes(n) + 8 * n * (300 + 3 * CARRIED + 2 * rank);

/** J held in float64. */
export const heldBytes = ({ rows, columns }: Dimensions): number => 8 * rows * columns;

/** Left vectors from JᵀJ: their images, those in order, and those made orthonormal. */
const leftBytes = ({ rows, rank }: Dimensions): number => 3 * 8 * rows * rank;

/** JᵀJ and what is made of it, without the slices. */
export const normalBytes = (size: Dimensions): number => eigenBytes(size.columns, size.rank) + leftBytes(size);

/** J held in float64, JJᵀ and what is made of it, without the slices. */
export const heldRowsBytes = (size: Dimensions): number => heldBytes(size) + eigenBytes(size.rows, size.rank);

/** What `--method rows` holds, with its slices: p² numbers where p < nK, nK·(p + nK) otherwise. */
export const rowsMethodBytes = (size: Dimensions): number => (size.columns < size.rows ? normalBytes(size) : heldRowsBytes(size)) + SLICE_BYTES;

/** What an SVD of J itself holds: J, its transpose, an orthonormal basis of its short side and a copy of it, and the symmetric problem of twice that side; see `directSpectrum`. */
export const directBytes = ({ rows, columns, rank }: Dimensions): number => {
  const short = Math.min(rows, columns);
  return 4 * 8 * rows * columns + 8 * short * short + eigenBytes(2 * short, rank) + SLICE_BYTES;
};

/** What the sketch holds for `count` directions: J·Ω and an orthonormal basis of it, Jᵀ of that basis, and the vectors of the result. */
export const sketchBytes = ({ rows, columns }: Dimensions, count: number): number => 8 * count * (3 * rows + 4 * columns);

/** Both bases of the block Krylov method for `wanted` triplets, and those of the result. */
export const krylovBytes = ({ rows, columns }: Dimensions, wanted: number): number => 8 * (rows + columns) * (3 * wanted + 2 * 8 * 8);
