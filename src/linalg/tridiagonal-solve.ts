import type { Tridiagonal } from "./tridiagonal.ts";

/** T − σ·I = P·L·U, from Gaussian elimination with row exchanges: U has three diagonals. Reused for every shift of one matrix. */
export interface TridiagonalFactors {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly third: Float64Array;
  readonly multiplier: Float64Array;
  readonly exchanged: Uint8Array;
}

/** Room for the factors of an n × n matrix. */
export const newFactors = (n: number): TridiagonalFactors => ({
  first: new Float64Array(n),
  second: new Float64Array(n),
  third: new Float64Array(n),
  multiplier: new Float64Array(n),
  exchanged: new Uint8Array(n),
});

/** Factorises T − shift·I into `factors`. Pivots below `smallest` are moved to it: shifts are eigenvalues here, T − σ·I is singular. Cost: O(n). @source LAPACK dlagtf. */
export const factorise = ({ diagonal, offDiagonal }: Tridiagonal, shift: number, smallest: number, factors: TridiagonalFactors): void => {
  const { first, second, third, multiplier, exchanged } = factors;
  const n = diagonal.length;
  let pivot = diagonal[0]! - shift;
  let right = n > 1 ? offDiagonal[0]! : 0;
  for (let i = 0; i < n - 1; i++) {
    const below = offDiagonal[i]!;
    const nextDiagonal = diagonal[i + 1]! - shift;
    const nextRight = i + 2 < n ? offDiagonal[i + 1]! : 0;
    const exchange = Math.abs(below) > Math.max(Math.abs(pivot), smallest);
    exchanged[i] = exchange ? 1 : 0;
    if (exchange) {
      multiplier[i] = pivot / below;
      first[i] = below;
      second[i] = nextDiagonal;
      third[i] = nextRight;
      pivot = right - multiplier[i]! * nextDiagonal;
      right = -multiplier[i]! * nextRight;
    } else {
      const safe = Math.abs(pivot) < smallest ? smallest : pivot;
      multiplier[i] = below / safe;
      first[i] = safe;
      second[i] = right;
      third[i] = 0;
      pivot = nextDiagonal - multiplier[i]! * right;
      right = nextRight;
    }
  }
  first[n - 1] = Math.abs(pivot) < smallest ? smallest : pivot;
};

/** x ← (T − σ·I)⁻¹·x, in place. Cost: O(n). */
export const solveFactorised = ({ first, second, third, multiplier, exchanged }: TridiagonalFactors, x: Float64Array): void => {
  const n = x.length;
  for (let i = 0; i < n - 1; i++) {
    const upper = x[i]!;
    const lower = x[i + 1]!;
    if (exchanged[i] === 1) {
      x[i] = lower;
      x[i + 1] = upper - multiplier[i]! * lower;
    } else x[i + 1] = lower - multiplier[i]! * upper;
  }
  x[n - 1] = x[n - 1]! / first[n - 1]!;
  if (n > 1) x[n - 2] = (x[n - 2]! - second[n - 2]! * x[n - 1]!) / first[n - 2]!;
  for (let i = n - 3; i >= 0; i--) x[i] = (x[i]! - second[i]! * x[i + 1]! - third[i]! * x[i + 2]!) / first[i]!;
};
