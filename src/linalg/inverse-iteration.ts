import { LensError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { random, type Random } from "../core/random.ts";
import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";
import { orthonormalise } from "./orthonormalise.ts";
import type { Pause } from "./pause.ts";
import { factorise, newFactors, solveFactorised, type TridiagonalFactors } from "./tridiagonal-solve.ts";
import type { Tridiagonal } from "./tridiagonal.ts";

/** Vectors iterated together, so that making them orthogonal to the earlier ones is a matrix product. */
const BATCH = 16;
const EPSILON = 2 ** -52;
/** Eigenvalues farther apart than this, relative to ‖T‖, have vectors that come out orthogonal by themselves, to about ε over it. */
const CLUSTER = 1e-3;
const MAX_ROUNDS = 8;
const GOAL = 16 * EPSILON;
const ACCEPTED = 1e-12;

/** The largest row sum of |T|, which bounds ‖T‖. */
const rowSumNorm = ({ diagonal, offDiagonal }: Tridiagonal): number => {
  let norm = 0;
  for (let i = 0; i < diagonal.length; i++) {
    const before = i > 0 ? Math.abs(offDiagonal[i - 1]!) : 0;
    const after = i + 1 < diagonal.length ? Math.abs(offDiagonal[i]!) : 0;
    norm = Math.max(norm, before + Math.abs(diagonal[i]!) + after);
  }
  return norm;
};

/** ‖T·x − λ·x‖. */
const residual = ({ diagonal, offDiagonal }: Tridiagonal, value: number, x: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const before = i > 0 ? offDiagonal[i - 1]! * x[i - 1]! : 0;
    const after = i + 1 < x.length ? offDiagonal[i]! * x[i + 1]! : 0;
    sum += (before + (diagonal[i]! - value) * x[i]! + after) ** 2;
  }
  return Math.sqrt(sum);
};

/** x ← x/max|x|; new random numbers where x is zero or not finite. */
const normalise = (x: Float64Array, draw: Random): void => {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value));
  if (largest > 0 && largest < Infinity) for (let i = 0; i < x.length; i++) x[i] = x[i]! / largest;
  else x.set(draw.normals(x.length));
};

/** One step of inverse iteration for each vector of a batch. */
const solveBatch = (matrix: Tridiagonal, values: Float64Array, batch: readonly Float64Array[], smallest: number, factors: TridiagonalFactors, draw: Random): void => {
  for (const [i, x] of batch.entries()) {
    factorise(matrix, values[i]!, smallest, factors);
    solveFactorised(factors, x);
    normalise(x, draw);
  }
};

const notConverged = (from: number, worst: number): LensError =>
  new LensError(
    "NO_CONVERGENCE",
    `The singular vectors from number ${from + 1} on did not converge (residual ${worst.toExponential(1)} of the largest eigenvalue).`,
    "Please report it with the model and the data; fewer leading vectors (a smaller rank) may avoid it.",
  );

/**
 * Eigenvectors of T for `values` (descending, accurate eigenvalues; any number of them equal or close), written to [n, values.length]
 * column-major at `vectors`: orthonormal, residuals near ε·‖T‖. Each vector is kept orthogonal to all earlier ones whose eigenvalues lie
 * within 1e-3·‖T‖, at every step. Cost: O(n·r) for the steps and about 12·n·r² FLOPs for r vectors in one cluster.
 * @source LAPACK dstein; Ipsen 1997, Computing an eigenvector with inverse iteration. @throws LensError NO_CONVERGENCE, CANCELLED.
 */
export const inverseIteration = async (arena: Arena, matrix: Tridiagonal, values: Float64Array, vectors: Address, pause: Pause, progress: Progress): Promise<void> => {
  const n = matrix.diagonal.length;
  const room = arena.reserve(values.length * BATCH);
  const scratch = arena.reserve(arena.kernels.productScratch() / 8);
  const norm = rowSumNorm(matrix) || 1;
  const factors = newFactors(n);
  const draw = random(1, "inverse iteration");
  let cluster = 0;
  for (let from = 0; from < values.length; from += BATCH) {
    const shifts = values.subarray(from, Math.min(from + BATCH, values.length));
    while (values[cluster]! - shifts[0]! > CLUSTER * norm) cluster++;
    const batch = Array.from(shifts, (_, i) => arena.view(vectors + 8 * n * (from + i), n));
    for (const x of batch) x.set(draw.normals(n));
    for (let round = 1, worst = Infinity; worst > GOAL * norm || round <= 2; round++) {
      if (round > MAX_ROUNDS && worst <= ACCEPTED * norm) break;
      if (round > MAX_ROUNDS) throw notConverged(from, worst / norm);
      solveBatch(matrix, shifts, batch, EPSILON * norm, factors, draw);
      orthonormalise(arena, n, vectors + 8 * n * cluster, from - cluster, batch.length, room, scratch);
      worst = batch.reduce((largest, x, i) => Math.max(largest, residual(matrix, shifts[i]!, x)), 0);
      progress((from + batch.length) / values.length, `singular vector ${from + batch.length}/${values.length}`);
      await pause();
    }
  }
};
