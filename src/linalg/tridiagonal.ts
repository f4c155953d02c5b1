/** A symmetric tridiagonal matrix: diagonal [n], off-diagonal [n − 1] (length n, the last element unused). */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
}
