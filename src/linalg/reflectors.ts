import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";
import { PANEL, type Reduction } from "./tridiagonal.ts";

/** Addresses used while reflectors are applied. */
interface Room {
  readonly inner: Address;
  readonly triangle: Address;
  readonly projected: Address;
  readonly combined: Address;
  readonly scratch: Address;
}

/**
 * T of the block reflector H_0·…·H_{k−1} = I − V·T·Vᵀ, upper triangular [k, k] with leading dimension k, from VᵀV and τ.
 * @source LAPACK dlarft; Schreiber, Van Loan 1989.
 */
const blockTriangle = (inner: Float64Array, tau: Float64Array, k: number): Float64Array => {
  const t = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    t[i + i * k] = tau[i]!;
    for (let row = 0; row < i; row++) {
      let sum = 0;
      for (let p = row; p < i; p++) sum += t[row + p * k]! * inner[p + i * k]!;
      t[row + i * k] = -tau[i]! * sum;
    }
  }
  return t;
};

/** B ← (I − V·T·Vᵀ)·B, or with Tᵀ in place of T, for the panel of reflectors that begins at column `start`. */
const applyPanel = (arena: Arena, reduction: Reduction, start: number, transposed: boolean, block: Address, count: number, room: Room): void => {
  const { kernels } = arena;
  const { n, matrix, tau } = reduction;
  const k = Math.min(PANEL, n - 1 - start);
  const rows = n - start - 1;
  const lda = 8 * n;
  const v = matrix + start * lda + 8 * (start + 1);
  const part = block + 8 * (start + 1);
  arena.view(room.inner, k * k).fill(0);
  kernels.product(k, k, rows, 1, v, lda, 8, v, 8, lda, room.inner, 8 * k, 0, room.scratch);
  arena.view(room.triangle, k * k).set(blockTriangle(arena.view(room.inner, k * k), tau.subarray(start, start + k), k));
  arena.view(room.projected, k * count).fill(0);
  arena.view(room.combined, k * count).fill(0);
  kernels.product(k, count, rows, 1, v, lda, 8, part, 8, lda, room.projected, 8 * k, 0, room.scratch);
  const [row, column] = transposed ? [8 * k, 8] : [8, 8 * k];
  kernels.product(k, count, k, 1, room.triangle, row, column, room.projected, 8, 8 * k, room.combined, 8 * k, 0, room.scratch);
  kernels.product(rows, count, k, -1, v, 8, lda, room.combined, 8, 8 * k, part, lda, 0, room.scratch);
};

/**
 * B ← Q·B, or Qᵀ·B when `transposed`, for B [n, count], column-major, at `block`. Cost: 2·n²·count FLOPs.
 * @source LAPACK dormtr.
 */
export const applyReflectors = async (arena: Arena, reduction: Reduction, transposed: boolean, block: Address, count: number, pause: Pause): Promise<void> => {
  if (count === 0) return;
  const room: Room = {
    inner: arena.reserve(PANEL * PANEL),
    triangle: arena.reserve(PANEL * PANEL),
    projected: arena.reserve(PANEL * count),
    combined: arena.reserve(PANEL * count),
    scratch: arena.reserve(arena.kernels.productScratch() / 8),
  };
  const panels = Math.ceil((reduction.n - 1) / PANEL);
  for (let i = 0; i < panels; i++) {
    applyPanel(arena, reduction, PANEL * (transposed ? i : panels - 1 - i), transposed, block, count, room);
    await pause();
  }
};
