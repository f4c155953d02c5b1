import { throwIfAborted } from "../core/errors.ts";
import { symmetricSpectrum } from "../linalg/eigen.ts";
import type { Random } from "../core/random.ts";
import { Basis } from "./krylov-basis.ts";
import type { Thin } from "./orientation.ts";

/** The quadrature of one probe g: Σ weights·f(nodes) ≈ gᵀf(√(AᵀA))g for a unit vector g. */
export interface Quadrature {
  /** Not negative. */
  readonly nodes: Float64Array;
  /** They sum to 1. */
  readonly weights: Float64Array;
  /** ‖Aᵀu − λv‖ of each node: how far it is from a singular value. */
  readonly residuals: Float64Array;
}

/** One Golub–Kahan process: its basis on the short side, its last vector on the long side, and the bidiagonal matrix so far. */
interface Process {
  readonly basis: Basis;
  readonly diagonal: number[];
  readonly above: number[];
  last: Float64Array;
}

const lengthOf = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

const column = (block: Float64Array, j: number, size: number): Float64Array => block.subarray(j * size, (j + 1) * size);

const concatenated = (vectors: readonly Float64Array[], size: number): Float64Array => {
  const block = new Float64Array(vectors.length * size);
  vectors.forEach((x, j) => block.set(x, j * size));
  return block;
};

/** One step of every process: w = A·v − β·u, α = ‖w‖, then Aᵀu − α·v, orthogonal to all earlier v and to what is taken out. */
const step = async (a: Thin, processes: readonly Process[], deflation: Basis, signal: AbortSignal | undefined): Promise<void> => {
  const count = processes.length;
  const newest = processes.map(({ basis }) => basis.columns(basis.count - 1, 1));
  const forward = await a.apply(concatenated(newest, a.columns), count, signal);
  processes.forEach((process, j) => {
    const w = column(forward, j, a.rows).slice();
    const beta = process.above.at(-1) ?? 0;
    for (let i = 0; i < w.length; i++) w[i]! -= beta * (process.last[i] ?? 0);
    const alpha = lengthOf(w);
    process.diagonal.push(alpha);
    process.last = alpha > 0 ? w.map((x) => x / alpha) : w;
  });
  const back = await a.applyTransposed(concatenated(processes.map(({ last }) => last), a.rows), count, signal);
  const outside = deflation.without(back, count);
  processes.forEach(({ basis, above }, j) => {
    const { rows, values } = basis.append(column(outside, j, a.columns), 1);
    above.push(basis.count > above.length + 1 ? values[rows - 1]! : 0);
  });
};

/**
 * Nodes, weights and residuals from the bidiagonal matrix B of the first `steps` steps, by the eigenvalues ±λ of [0 Bᵀ; B 0] with its rows
 * interleaved: tridiagonal, and small λ keep their digits, as they would not in BᵀB. Only first and last components of the eigenvectors are needed.
 * @source Golub, Kahan 1965; Golub, Meurant 2010, Matrices, Moments and Quadrature.
 */
const quadratureOf = async ({ diagonal, above }: Process, steps: number): Promise<Quadrature> => {
  const n = 2 * steps;
  const matrix = new Float64Array(n * n);
  for (let j = 0; j < steps; j++) {
    matrix[2 * j * n + 2 * j + 1] = diagonal[j]!;
    if (2 * j + 2 < n) matrix[(2 * j + 1) * n + 2 * j + 2] = above[j]!;
  }
  const [first, end] = [new Float64Array(n), new Float64Array(n)];
  [first[0], end[n - 1]] = [1, 1];
  const { values, coefficients } = await symmetricSpectrum(matrix, n, [first, end]);
  const beta = above[steps - 1]!;
  return {
    nodes: values.map(Math.abs),
    weights: coefficients[0]!.map((c) => c * c),
    residuals: coefficients[1]!.map((c) => Math.SQRT2 * Math.abs(beta * c)),
  };
};

/** Probes that go on in step with one another, so that products are shared. */
export interface Probes {
  readonly count: number;
  /** Goes on until `steps` steps are done, at most those it was made for. Cost: 2·count products for each. @throws what the operator throws, LensError CANCELLED. */
  advance(steps: number): Promise<void>;
  /** What each probe shows after its first `steps` steps, which are done. Cost: an eigenproblem of order 2·steps each. @throws LensError NOT_FINITE. */
  quadratures(steps: number): Promise<Quadrature[]>;
}

/**
 * `count` random unit vectors orthogonal to the vectors of `deflation`, for Golub–Kahan iterations of up to `most` steps that are orthogonalised
 * on the short side. Memory: 8·columns·count bytes for each step that is done.
 */
export const startProbes = (a: Thin, deflation: Basis, count: number, most: number, draw: Random, signal?: AbortSignal): Probes => {
  const starts = deflation.without(draw.normals(a.columns * count), count);
  const processes = Array.from({ length: count }, (_, j): Process => {
    const basis = new Basis(a.columns, most + 1, 1, draw);
    basis.append(column(starts, j, a.columns), 1);
    return { basis, diagonal: [], above: [], last: new Float64Array(0) };
  });
  let done = 0;
  return {
    count,
    advance: async (steps) => {
      for (; done < steps; done++) {
        throwIfAborted(signal);
        await step(a, processes, deflation, signal);
      }
    },
    quadratures: (steps) => Promise.all(processes.map((process) => quadratureOf(process, steps))),
  };
};
