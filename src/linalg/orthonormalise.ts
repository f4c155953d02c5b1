import { createArena, type Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";

/**
 * Makes `added` columns orthonormal that follow `fixed` orthonormal ones at `vectors` ([n, fixed + added], column-major): Gram–Schmidt
 * against the fixed ones and among themselves, each done twice, which is enough for columns that are not dependent to rounding.
 * `room`: fixed·added numbers; `scratch`: productScratch() bytes. Cost: 8·n·fixed·added + 4·n·added² FLOPs.
 * @source Giraud, Langou, Rozložník, van den Eshof 2005 (twice is enough).
 */
export const orthonormalise = (arena: Arena, n: number, vectors: Address, fixed: number, added: number, room: Address, scratch: Address): void => {
  const { kernels } = arena;
  const ld = 8 * n;
  const fresh = vectors + fixed * ld;
  for (let pass = 0; pass < 2 && fixed > 0; pass++) {
    arena.view(room, fixed * added).fill(0);
    kernels.product(fixed, added, n, 1, vectors, ld, 8, fresh, 8, ld, room, 8 * fixed, 0, scratch);
    kernels.product(n, added, fixed, -1, vectors, 8, ld, room, 8, 8 * fixed, fresh, ld, 0, scratch);
  }
  for (let j = 0; j < added; j++) {
    const column = fresh + j * ld;
    for (let pass = 0; pass < 2; pass++) {
      const length = Math.sqrt(kernels.dot(n, column, column));
      if (length > 0) kernels.scale(n, 1 / length, column);
      for (let i = 0; i < j; i++) kernels.axpy(n, -kernels.dot(n, fresh + i * ld, column), fresh + i * ld, column);
    }
    const length = Math.sqrt(kernels.dot(n, column, column));
    if (length > 0) kernels.scale(n, 1 / length, column);
  }
};

/** The rows of a row-major matrix [count, n] made orthonormal in order, each against those before it; a new array. Cost: 4·n·count² FLOPs. */
export const orthonormalRows = (rows: Float64Array, count: number, n: number): Float64Array => {
  const arena = createArena();
  const block = 16;
  const address = arena.reserve(rows.length);
  const room = arena.reserve(count * block);
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  arena.view(address, rows.length).set(rows);
  for (let from = 0; from < count; from += block) orthonormalise(arena, n, address, from, Math.min(block, count - from), room, scratch);
  return arena.view(address, rows.length).slice();
};
