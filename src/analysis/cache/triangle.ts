/** Numbers in the upper triangle of a matrix [size, size], the diagonal included. */
export const triangleSize = (size: number): number => (size * (size + 1)) / 2;

/** Where row r of an upper triangle begins: entry (r, c), c ≥ r, is at `rowStart(r, size) + c`. */
const rowStart = (row: number, size: number): number => row * size - (row * (row + 1)) / 2;

/**
 * Writes the rows and columns of some stored samples to the upper triangle of a square matrix: sample a of the target is sample `picks[a]` of
 * the stored one. `triangle`: the upper triangle of a symmetric matrix of `stored` samples with K rows each; `size`: rows of the target.
 * Cost: (K·picks)²/2 reads and writes.
 */
export const placeSamples = (triangle: Float64Array, stored: number, classes: number, picks: ArrayLike<number>, target: Float64Array, size: number): void => {
  const width = stored * classes;
  for (let a = 0; a < picks.length; a++) {
    const from = (picks[a] ?? 0) * classes;
    for (let b = a; b < picks.length; b++) {
      const to = (picks[b] ?? 0) * classes;
      for (let k = 0; k < classes; k++) {
        const at = (a * classes + k) * size + b * classes;
        for (let l = 0; l < classes; l++) {
          const [row, column] = from + k <= to + l ? [from + k, to + l] : [to + l, from + k];
          target[at + l] = triangle[rowStart(row, width) + column] ?? 0;
        }
      }
    }
  }
};
