import { LensError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import type { Pause } from "./pause.ts";
import type { Tridiagonal } from "./tridiagonal.ts";

/** The iteration's state: the matrix while it becomes diagonal, and the rows carried along, all in the arena. */
interface State {
  readonly arena: Arena;
  readonly d: Address;
  readonly e: Address;
  readonly rows: Address;
  readonly width: number;
  readonly rotations: Address;
  /** Off-diagonal elements up to this size are dropped wherever they stand. */
  readonly negligible: number;
  readonly between: (done: number) => Promise<void> | undefined;
  sweepsLeft: number;
}

const EPSILON = 2 ** -53;
const SWEEPS_PER_VALUE = 30;

/** Wilkinson's shift, as the first element of the sweep: d_far − σ with σ the eigenvalue of the near 2 × 2 block that is closest to `near`. */
const firstElement = (near: number, next: number, off: number, far: number): number => {
  const g = (next - near) / (2 * off);
  const r = Math.hypot(g, 1);
  return far - near + off / (g + (g < 0 ? -r : r));
};

const isSmall = (state: State, d: Float64Array, e: Float64Array, i: number): boolean => {
  const off = Math.abs(e[i]!);
  return off <= state.negligible || off * off <= EPSILON * Math.abs(d[i]!) * EPSILON * Math.abs(d[i + 1]!);
};

const sweep = (state: State, first: number, last: number, shift: number, up: boolean): void => {
  const { kernels } = state.arena;
  if (state.sweepsLeft-- <= 0)
    throw new LensError("NO_CONVERGENCE", `The eigenvalue iteration did not converge on rows ${first} … ${last}.`, "The matrix may hold values that are not symmetric data; please report it with the model and the data.");
  if (up) kernels.sweepUp(first, last, shift, state.d, state.e, state.rotations);
  else kernels.sweepDown(first, last, shift, state.d, state.e, state.rotations);
  if (state.width > 0) kernels.rotateRows(first, last, up ? 1 : 0, state.rows, state.width, state.rotations);
};

/** QL sweeps from the top of the block first … last, until all of it is diagonal. */
const diagonaliseDown = async (state: State, d: Float64Array, e: Float64Array, first: number, last: number): Promise<void> => {
  for (let top = first; top < last; ) {
    let end = top;
    while (end < last && !isSmall(state, d, e, end)) end++;
    if (end < last) e[end] = 0;
    if (end === top) top++;
    else sweep(state, top, end, firstElement(d[top]!, d[top + 1]!, e[top]!, d[end]!), true);
    await state.between(top);
  }
};

/** QR sweeps from the bottom of the block: the mirror image. */
const diagonaliseUp = async (state: State, d: Float64Array, e: Float64Array, first: number, last: number): Promise<void> => {
  for (let bottom = last; bottom > first; ) {
    let end = bottom;
    while (end > first && !isSmall(state, d, e, end - 1)) end--;
    if (end > first) e[end - 1] = 0;
    if (end === bottom) bottom--;
    else sweep(state, end, bottom, firstElement(d[bottom]!, d[bottom - 1]!, e[bottom - 1]!, d[end]!), false);
    await state.between(first + last - bottom);
  }
};

const largestElement = ({ diagonal, offDiagonal }: Tridiagonal): number => {
  let largest = 0;
  for (let i = 0; i < diagonal.length; i++) largest = Math.max(largest, Math.abs(diagonal[i]!), i + 1 < diagonal.length ? Math.abs(offDiagonal[i]!) : 0);
  return largest;
};

/**
 * The eigenvalues of T = S·Λ·Sᵀ, in no order, by implicit QL or QR, whichever suits the grading of each block; the rows at `rows`
 * [n, width] (row-major, width a multiple of 8 or 0) become Sᵀ·rows. S itself is never formed: n·width numbers in place of n².
 * Cost: about 1.5·n² rotations of 30 cycles plus 3·width FLOPs each.
 * @source LAPACK dsteqr. @throws LensError NO_CONVERGENCE, CANCELLED.
 */
export const implicitQl = async (arena: Arena, tridiagonal: Tridiagonal, rows: Address, width: number, pause: Pause, progress: Progress): Promise<Float64Array> => {
  const n = tridiagonal.diagonal.length;
  const numbers = arena.reserve(4 * n);
  const d = arena.view(numbers, n);
  const e = arena.view(numbers + 8 * n, n);
  d.set(tridiagonal.diagonal);
  e.set(tridiagonal.offDiagonal);
  const between = (done: number): Promise<void> | undefined => {
    progress(done / n, `eigenvalue ${done}/${n}`);
    return pause();
  };
  const negligible = largestElement(tridiagonal) * 2 ** -56;
  const state: State = { arena, d: numbers, e: numbers + 8 * n, rotations: numbers + 16 * n, rows, width, negligible, between, sweepsLeft: SWEEPS_PER_VALUE * n };
  for (let first = 0; first < n; ) {
    let last = first;
    while (last < n - 1 && !isSmall(state, d, e, last)) last++;
    const diagonalise = Math.abs(d[last]!) < Math.abs(d[first]!) ? diagonaliseUp : diagonaliseDown;
    await diagonalise(state, d, e, first, last);
    first = last + 1;
  }
  return d.slice();
};
