import { createArena, type Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";

/** A matrix that lies where the kernels work. */
export interface Stored {
  readonly arena: Arena;
  readonly address: Address;
}

/** The storage of each matrix made here, by its buffer (a grown arena has a new buffer: the matrix is used up then). */
const arenas = new WeakMap<ArrayBufferLike, Stored>();

/** Room for `numbers` numbers in an arena of their own. */
export const newStorage = (numbers: number): Stored => {
  const arena = createArena();
  return { arena, address: arena.reserve(numbers) };
};

/** The [n, n] matrix of a storage, which `storedAt` finds again until its arena grows. */
export const matrixOf = (stored: Stored, n: number): Float64Array => {
  const matrix = stored.arena.view(stored.address, n * n);
  arenas.set(matrix.buffer, stored);
  return matrix;
};

/**
 * A zero matrix [n, n] in WebAssembly memory, to be filled by the caller and given to `symmetricSpectrum`, which then works in place: a
 * matrix from elsewhere is copied, 8·n² bytes more. @throws LensError MATRIX_TOO_LARGE.
 */
export const symmetricStorage = (n: number): Float64Array => matrixOf(newStorage(n * n), n);

/** Where a matrix is, for the kernels: its own place when it was made here, a copy otherwise. */
export const storedAt = (matrix: Float64Array): Stored => {
  const known = arenas.get(matrix.buffer);
  if (known?.address === matrix.byteOffset) return known;
  const copy = newStorage(matrix.length);
  copy.arena.view(copy.address, matrix.length).set(matrix);
  return copy;
};
