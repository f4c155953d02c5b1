import type { Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import type { BandMatrix } from "./band.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";
import { BAND } from "./reflectors.ts";
import type { Tridiagonal } from "./tridiagonal.ts";

/** Sweeps made, or undone, between two pauses; undone together they share rows in the cache, which at most BAND sweeps may do. */
const GROUP = 32;

/**
 * Takes the band matrix B = Q·T·Qᵀ [n, n] to tridiagonal form; the rows at `rows` [n, width] (row-major, width a multiple of 8 or 0) become
 * Qᵀ·rows. With `kept` ([n·(n − 1)/2], or null) the reflectors are kept for `applyChase`. Cost: 6·BAND·n² + 2·n²·width FLOPs, within the cache.
 * @source Schwarz 1968; Haidar, Ltaief, Dongarra 2011.
 */
export const bandToTridiagonal = async (arena: Arena, band: BandMatrix, n: number, rows: Address, width: number, kept: Address | null, pause: Pause, progress: Progress): Promise<Tridiagonal> => {
  const room = arena.reserve(4 * BAND);
  for (let from = 0; from < n - 2; from += GROUP) {
    const to = Math.min(n - 2, from + GROUP);
    arena.kernels.chase(n, BAND, from, to, band, rows, width, kept === null ? 0 : 1, kept ?? 0, room);
    progress(to / n, `tridiagonalising, column ${to}/${n}`);
    await pause();
  }
  const numbers = arena.view(band, 2 * BAND * n);
  return {
    diagonal: Float64Array.from({ length: n }, (_, j) => numbers[2 * BAND * j]!),
    offDiagonal: Float64Array.from({ length: n }, (_, j) => (j + 1 < n ? numbers[2 * BAND * j + 1]! : 0)),
  };
};

/** rows ← Q·rows for the Q of `bandToTridiagonal`, rows [n, width]. Cost: 2·n²·width FLOPs. */
export const applyChase = async (arena: Arena, n: number, rows: Address, width: number, kept: Address, pause: Pause): Promise<void> => {
  for (let to = n - 2; to > 0; to -= GROUP) {
    arena.kernels.chaseBack(n, BAND, Math.max(0, to - GROUP), to, rows, width, kept);
    await pause();
  }
};
