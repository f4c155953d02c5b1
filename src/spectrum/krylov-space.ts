import { pauses } from "../linalg/pause.ts";
import type { Random } from "../core/random.ts";
import { Basis } from "./krylov-basis.ts";
import type { Thin } from "./orientation.ts";
import { smallSvd, type SmallSvd } from "./small-svd.ts";

/**
 * A block Krylov space of a thin A [rows, columns] from both sides: A·P = Q·B and Aᵀ·Q = P·Bᵀ + X·S, with P and Q orthonormal, B square,
 * X the pending vectors on which A was not applied yet. B is found by projecting every product on the whole of Q, so the first relation
 * holds to the accuracy of the products whatever was restarted or added. THEORY §9.
 */
export interface KrylovSpace {
  /** Columns of P and of Q: the size of B. */
  count(): number;
  /** How many vectors are pending; 0 once P is complete, when everything is exact. */
  pending(): number;
  /** Products with A and with Aᵀ so far, counted by vector. */
  products(): number;
  /** Adds random pending vectors, orthogonal to all there are. */
  addRandom(count: number): void;
  /** Applies A to the pending vectors and Aᵀ to what that gave. @throws what the operator throws, LensError CANCELLED. */
  step(): Promise<void>;
  /** The singular value decomposition of B's rows and columns from `from` on. */
  svd(from?: number): Promise<SmallSvd>;
  /** ‖S·x‖ of the s-th left vector of B: the residual ‖Aᵀu − λv‖ of the Ritz triplet s, while ‖A·v − λu‖ is that of the products. */
  residual(svd: SmallSvd, s: number): number;
  /** Keeps the first `kept` Ritz triplets, and the pending vectors where `withPending`. */
  restart(svd: SmallSvd, kept: number, withPending: boolean): void;
  /** Copies of the first `count` columns of P and Q; null where Q is not kept. */
  bases(count: number): { readonly right: Float64Array; readonly left: Float64Array | null };
}

/** @param capacity the most columns that P and Q get (pending ones included, up to `block` more are held while they are added) */
export const createKrylovSpace = (a: Thin, capacity: number, block: number, draw: Random, signal?: AbortSignal): KrylovSpace => {
  const right = new Basis(a.columns, capacity, block, draw);
  const left = new Basis(a.rows, capacity, block, draw);
  const b = new Float64Array(capacity * capacity);
  const pause = pauses(signal);
  let coupling: { readonly rows: number; readonly columns: number; readonly values: Float64Array } = { rows: 0, columns: 0, values: new Float64Array(0) };
  let products = 0;

  const corner = (from: number): Float64Array => {
    const n = left.count - from;
    const out = new Float64Array(n * n);
    for (let j = 0; j < n; j++) out.set(b.subarray((from + j) * capacity + from, (from + j) * capacity + from + n), j * n);
    return out;
  };

  return {
    count: () => left.count,
    pending: () => right.count - left.count,
    products: () => products,
    addRandom: (count) => {
      right.append(draw.normals(a.columns * count), count);
      coupling = { rows: 0, columns: 0, values: new Float64Array(0) };
    },
    step: async () => {
      await pause();
      const [done, fresh] = [left.count, right.count - left.count];
      const forward = left.append(await a.apply(right.columns(done, fresh), fresh, signal), fresh);
      for (let j = 0; j < fresh; j++) b.set(forward.values.subarray(j * forward.rows, (j + 1) * forward.rows), (done + j) * capacity);
      await pause();
      const back = right.append(await a.applyTransposed(left.columns(done, fresh), fresh, signal), fresh);
      const known = done + fresh;
      const rows = back.rows - known;
      coupling = { rows, columns: fresh, values: Float64Array.from({ length: rows * fresh }, (_, i) => back.values[known + (i % rows) + Math.floor(i / rows) * back.rows]!) };
      products += 2 * fresh;
    },
    svd: (from = 0) => smallSvd(corner(from), left.count - from),
    residual: ({ left: x, values }, s) => {
      const n = values.length;
      const { rows, columns, values: c } = coupling;
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        let row = 0;
        for (let j = 0; j < columns; j++) row += c[i + j * rows]! * x[s * n + n - columns + j]!;
        sum += row * row;
      }
      return Math.sqrt(sum);
    },
    restart: (svd, kept, withPending) => {
      const n = left.count;
      right.rotate(n, svd.right, kept);
      left.rotate(n, svd.left, kept);
      if (!withPending) right.truncate(kept);
      b.fill(0);
      for (let s = 0; s < kept; s++) b[s * capacity + s] = svd.values[s]!;
      coupling = { rows: 0, columns: 0, values: new Float64Array(0) };
    },
    bases: (count) => ({ right: right.columns(0, count), left: left.columns(0, count) }),
  };
};
