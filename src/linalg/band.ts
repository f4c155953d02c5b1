import type { Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";
import { BAND, panelAt, panelCount, panelRoom, writeTriangle, type BandReduction, type Panel, type PanelRoom } from "./reflectors.ts";

/** A symmetric band matrix [n, n]: 2·BAND numbers for each column, the diagonal first; the second half is room for what `chase` fills in. */
export type BandMatrix = Address;

/** Everything `reduceToBand` works with. */
interface Work {
  readonly arena: Arena;
  readonly reduction: BandReduction;
  readonly band: BandMatrix;
  readonly beta: Address;
  /** [n, 3·BAND]: V, W and V again. */
  readonly panel: Address;
  /** [n, BAND] */
  readonly image: Address;
  readonly square: Address;
  readonly room: PanelRoom;
}

const newWork = (arena: Arena, matrix: Address, n: number): Work => ({
  arena,
  reduction: { n, matrix, tau: arena.reserve(n) },
  band: arena.reserve(2 * BAND * n),
  beta: arena.reserve(BAND),
  panel: arena.reserve(3 * BAND * n),
  image: arena.reserve(BAND * n),
  square: arena.reserve(arena.kernels.symmetricScratch() / 8),
  room: panelRoom(arena, BAND),
});

/** Moves column j from row j to `last` into the band. */
const copyColumn = ({ arena, reduction: { n, matrix }, band }: Work, j: number, last: number): void => {
  arena.view(band + 16 * BAND * j, last - j + 1).set(arena.view(matrix + 8 * j * (n + 1), last - j + 1));
};

/** Takes R and what stands above it into the band, and leaves V with its ones and zeros written out. */
const takeColumns = (work: Work, start: number, { row, rows, count }: Panel): void => {
  const { arena, reduction } = work;
  for (let c = 0; c < BAND; c++) {
    const above = Math.min(c, rows - 1);
    copyColumn(work, start + c, row + above);
    if (c >= count) continue;
    arena.view(work.band + 8 * (2 * BAND * (start + c) + BAND), 1)[0] = arena.view(work.beta + 8 * c, 1)[0]!;
    arena.view(reduction.matrix + 8 * ((start + c) * reduction.n + row), c).fill(0);
  }
};

/** The rest of the matrix: A ← QᵀAQ = A − V·Wᵀ − W·Vᵀ, where W = AVT − ½·V·Tᵀ·Vᵀ·AVT. */
const updateRest = ({ arena, reduction, panel, image, square, room }: Work, { rows, count: k, v, row }: Panel): void => {
  const { kernels } = arena;
  const lda = 8 * reduction.n;
  const ld = 8 * rows;
  const rest = reduction.matrix + row * (lda + 8);
  const [w, again] = [panel + k * ld, panel + 2 * k * ld];
  kernels.symmetricTimesBlock(rows, k, rest, lda, v, lda, image, ld, square, room.scratch);
  arena.view(w, k * rows).fill(0);
  kernels.product(rows, k, k, 1, image, 8, ld, room.triangle, 8, 8 * k, w, ld, 0, room.scratch);
  arena.view(room.first, k * k).fill(0);
  kernels.product(k, k, rows, 1, v, lda, 8, w, 8, ld, room.first, 8 * k, 0, room.scratch);
  arena.view(room.second, k * k).fill(0);
  kernels.product(k, k, k, 1, room.triangle, 8 * k, 8, room.first, 8, 8 * k, room.second, 8 * k, 0, room.scratch);
  kernels.product(rows, k, k, -0.5, v, 8, lda, room.second, 8, 8 * k, w, ld, 0, room.scratch);
  for (let j = 0; j < k; j++) {
    const column = arena.view(v + j * lda, rows);
    arena.view(panel + j * ld, rows).set(column);
    arena.view(again + j * ld, rows).set(column);
  }
  kernels.product(rows, rows, 2 * k, -1, panel, 8, ld, w, ld, 8, rest, lda, 1, room.scratch);
};

/**
 * Reduces the symmetric matrix at `matrix` [n, n] (column-major, lower triangle read; destroyed) to a band matrix of BAND diagonals on each
 * side. Nearly all of the work is matrix products, so the memory's speed hardly matters. Elements should be near 1. Cost: 4/3·n³ FLOPs.
 * @source Bischof, Lang, Sun 2000 (successive band reduction); Dongarra, Hammarling, Sorensen 1989.
 */
export const reduceToBand = async (arena: Arena, matrix: Address, n: number, pause: Pause, progress: Progress): Promise<{ readonly reduction: BandReduction; readonly band: BandMatrix }> => {
  const work = newWork(arena, matrix, n);
  const { reduction, band } = work;
  const panels = panelCount(n);
  for (let i = 0; i < panels; i++) {
    const start = i * BAND;
    const panel = panelAt(reduction, start);
    arena.kernels.factorisePanel(panel.rows, BAND, panel.count, panel.v, 8 * n, work.beta, reduction.tau + 8 * start);
    takeColumns(work, start, panel);
    writeTriangle(arena, reduction, start, work.room);
    updateRest(work, panel);
    progress(1 - (panel.rows / n) ** 3, `reducing the matrix, column ${start + BAND}/${n}`);
    await pause();
  }
  for (let j = panels * BAND; j < n; j++) copyColumn(work, j, Math.min(n - 1, j + BAND));
  return { reduction, band };
};
