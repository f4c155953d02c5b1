import { symmetricSpectrum } from "../linalg/eigen.ts";
import { pauses } from "../linalg/pause.ts";
import type { Random } from "../core/random.ts";
import { Basis } from "./krylov-basis.ts";
import type { KrylovSpace } from "./krylov-space.ts";
import type { Thin } from "./orientation.ts";

/**
 * A block Krylov space of a thin A [rows, columns] from its short side only: AᵀA·P = P·T + X·S. Memory does not grow with the long side but by
 * a few blocks; in turn values below the root of the products' relative error are lost, as in any Gram matrix. What `KrylovSpace` says of B
 * holds for √T.
 * @param productError of the products with A, absolute; residuals below what that makes of AᵀA count as zero
 */
export const createShortSpace = (a: Thin, capacity: number, block: number, productError: number, draw: Random, signal?: AbortSignal): KrylovSpace => {
  const basis = new Basis(a.columns, capacity, block, draw);
  const t = new Float64Array(capacity * capacity);
  const pause = pauses(signal);
  let coupling: { readonly rows: number; readonly columns: number; readonly values: Float64Array } = { rows: 0, columns: 0, values: new Float64Array(0) };
  let [done, products] = [0, 0];

  /** Rows and columns of T from `from` on, symmetric. */
  const corner = (from: number): Float64Array => {
    const n = done - from;
    return Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [from + (at % n), from + Math.floor(at / n)];
      return t[Math.min(i, j) + Math.max(i, j) * capacity]!;
    });
  };

  return {
    count: () => done,
    pending: () => basis.count - done,
    products: () => products,
    addRandom: (count) => {
      basis.append(draw.normals(a.columns * count), count);
      coupling = { rows: 0, columns: 0, values: new Float64Array(0) };
    },
    step: async () => {
      await pause();
      const fresh = basis.count - done;
      const product = await a.applyTransposed(await a.apply(basis.columns(done, fresh), fresh, signal), fresh, signal);
      const { rows: all, values } = basis.append(product, fresh);
      const known = done + fresh;
      for (let j = 0; j < fresh; j++) t.set(values.subarray(j * all, j * all + known), (done + j) * capacity);
      const rows = all - known;
      coupling = { rows, columns: fresh, values: Float64Array.from({ length: rows * fresh }, (_, i) => values[known + (i % rows) + Math.floor(i / rows) * all]!) };
      done = known;
      products += 2 * fresh;
    },
    svd: async (from = 0) => {
      const { values, vectors } = await symmetricSpectrum(corner(from), done - from, [], { leading: done - from });
      return { values: values.map((value) => Math.sqrt(Math.max(0, value))), left: vectors, right: vectors };
    },
    residual: ({ right: y, values }, s) => {
      const n = values.length;
      let sum = 0;
      for (let i = 0; i < coupling.rows; i++) {
        let row = 0;
        for (let j = 0; j < coupling.columns; j++) row += coupling.values[i + j * coupling.rows]! * y[s * n + n - coupling.columns + j]!;
        sum += row * row;
      }
      // ‖AᵀA·v − λ²·v‖ = λ·‖Aᵀu − λ·v‖ for u = A·v/λ; near λ = 0 an eigenvalue of AᵀA within it is a singular value within its root.
      const ofSquare = Math.max(0, Math.sqrt(sum) - 2 * productError * values[0]!);
      return Math.min(Math.sqrt(ofSquare), ofSquare / values[s]! || 0);
    },
    restart: (svd, kept, withPending) => {
      basis.rotate(done, svd.right, kept);
      if (!withPending) basis.truncate(kept);
      done = kept;
      t.fill(0);
      for (let s = 0; s < kept; s++) t[s * capacity + s] = svd.values[s]! ** 2;
      coupling = { rows: 0, columns: 0, values: new Float64Array(0) };
    },
    bases: (count) => ({ right: basis.columns(0, count), left: null }),
  };
};
