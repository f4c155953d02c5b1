import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";

/** Half the bandwidth that a matrix is first reduced to, less the diagonal; also the number of reflectors applied together. */
export const BAND = 48;

/**
 * A = Q·B·Qᵀ with B of bandwidth BAND. Q is the product of panels of reflectors, I − V·T·Vᵀ each: panel i has its vectors in columns
 * i·BAND … of `matrix` from row (i + 1)·BAND down, zeros and ones written out.
 */
export interface BandReduction {
  readonly n: number;
  /** [n, n], column-major: what became of A. */
  readonly matrix: Address;
  /** The factor of each reflector, in the arena: [n]. */
  readonly tau: Address;
}

/** One panel: V [rows, count] with the matrix's leading dimension. */
export interface Panel {
  readonly row: number;
  readonly rows: number;
  readonly count: number;
  readonly v: Address;
}

/** The panel that begins at column `start`; there is one while it has two rows or more. */
export const panelAt = ({ n, matrix }: BandReduction, start: number): Panel => {
  const row = start + BAND;
  const rows = n - row;
  return { row, rows, count: Math.min(BAND, rows - 1), v: matrix + 8 * (row + start * n) };
};

/** Panels of an n × n matrix. */
export const panelCount = (n: number): number => Math.max(0, Math.ceil((n - BAND - 1) / BAND));

/** Room for products with panels: small [BAND, BAND] blocks, two [BAND, count] ones, and the kernels' scratch. */
export interface PanelRoom {
  readonly inner: Address;
  readonly triangle: Address;
  readonly first: Address;
  readonly second: Address;
  readonly scratch: Address;
}

export const panelRoom = (arena: Arena, count: number): PanelRoom => ({
  inner: arena.reserve(BAND * BAND),
  triangle: arena.reserve(BAND * BAND),
  first: arena.reserve(BAND * count),
  second: arena.reserve(BAND * count),
  scratch: arena.reserve(arena.kernels.productScratch() / 8),
});

/**
 * T of the block reflector H_0·…·H_{k−1} = I − V·T·Vᵀ, upper triangular [k, k], from VᵀV and τ.
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

/** Writes the panel's T to `room.triangle`, column-major [count, count]. */
export const writeTriangle = (arena: Arena, reduction: BandReduction, start: number, room: PanelRoom): void => {
  const { rows, count: k, v } = panelAt(reduction, start);
  const lda = 8 * reduction.n;
  arena.view(room.inner, k * k).fill(0);
  arena.kernels.product(k, k, rows, 1, v, lda, 8, v, 8, lda, room.inner, 8 * k, 0, room.scratch);
  const tau = arena.view(reduction.tau + 8 * start, k);
  arena.view(room.triangle, k * k).set(blockTriangle(arena.view(room.inner, k * k), tau, k));
};

/** B ← (I − V·T·Vᵀ)·B, or with Tᵀ in place of T, for the panel that begins at column `start`. */
const applyPanel = (arena: Arena, reduction: BandReduction, start: number, transposed: boolean, block: Address, count: number, room: PanelRoom): void => {
  const { kernels } = arena;
  const { row, rows, count: k, v } = panelAt(reduction, start);
  const lda = 8 * reduction.n;
  const part = block + 8 * row;
  writeTriangle(arena, reduction, start, room);
  arena.view(room.first, k * count).fill(0);
  arena.view(room.second, k * count).fill(0);
  kernels.product(k, count, rows, 1, v, lda, 8, part, 8, lda, room.first, 8 * k, 0, room.scratch);
  const [outward, inward] = transposed ? [8 * k, 8] : [8, 8 * k];
  kernels.product(k, count, k, 1, room.triangle, outward, inward, room.first, 8, 8 * k, room.second, 8 * k, 0, room.scratch);
  kernels.product(rows, count, k, -1, v, 8, lda, room.second, 8, 8 * k, part, lda, 0, room.scratch);
};

/**
 * B ← Q·B, or Qᵀ·B when `transposed`, for B [n, count], column-major, at `block`. Cost: 2·n²·count FLOPs.
 * @source LAPACK dormtr.
 */
export const applyReflectors = async (arena: Arena, reduction: BandReduction, transposed: boolean, block: Address, count: number, pause: Pause): Promise<void> => {
  if (count === 0) return;
  const room = panelRoom(arena, count);
  const panels = panelCount(reduction.n);
  for (let i = 0; i < panels; i++) {
    applyPanel(arena, reduction, BAND * (transposed ? i : panels - 1 - i), transposed, block, count, room);
    await pause();
  }
};
