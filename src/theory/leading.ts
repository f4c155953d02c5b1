import type { LeadingVectors } from "./spectrum.ts";

/** U_Iᵀz, [count]. Owned by the caller. Cost: rows·count. */
export const coefficientsOn = ({ rows, count, values }: LeadingVectors, z: Float64Array): Float64Array => {
  const result = new Float64Array(count);
  for (let s = 0; s < count; s++) {
    const start = s * rows;
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[start + i]! * z[i]!;
    result[s] = sum;
  }
  return result;
};

/** Π_N z = z − U_I(U_Iᵀz), [rows]. Owned by the caller. Cost: 2·rows·count. */
export const nuisancePart = (leading: LeadingVectors, z: Float64Array): Float64Array => {
  const { rows, count, values } = leading;
  const rest = z.slice();
  const coefficients = coefficientsOn(leading, z);
  for (let s = 0; s < count; s++) {
    const start = s * rows;
    const a = coefficients[s]!;
    for (let i = 0; i < rows; i++) rest[i]! -= a * values[start + i]!;
  }
  return rest;
};

/** Σ over each sample's K rows of squares: [rows/outputs] from [rows]. */
const perSample = (squares: Float64Array, outputs: number): Float64Array => {
  const result = new Float64Array(squares.length / outputs);
  squares.forEach((value, row) => (result[Math.floor(row / outputs)]! += value));
  return result;
};

/**
 * s_i(z) = ‖(Π_N z)_{block i}‖², [n]: the part of sample i's block of z that the information space cannot fit. For labels, a large value at an
 * early checkpoint marks a label-noise suspect (our heuristic). Not divided by ‖z_i‖²; Σ_i s_i = ‖Π_N z‖². Owned by the caller.
 */
export const nuisancePerSample = (leading: LeadingVectors, z: Float64Array, outputs: number): Float64Array =>
  perSample(nuisancePart(leading, z).map((value) => value * value), outputs);

/** ℓ_i = Σ_k ‖(U_I)_{(i,k),:}‖², [n]: how much of the information space sample i carries; 0 ≤ ℓ_i ≤ K and Σ_i ℓ_i = rank. Owned by the caller. */
export const leveragePerSample = ({ rows, count, values }: LeadingVectors, outputs: number): Float64Array => {
  const squares = new Float64Array(rows);
  for (let s = 0; s < count; s++) {
    for (let i = 0; i < rows; i++) squares[i]! += values[s * rows + i]! ** 2;
  }
  return perSample(squares, outputs);
};
