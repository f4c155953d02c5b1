import { LensError } from "../core/errors.ts";
import type { Arena } from "./arena.ts";
import type { Address } from "./kernels.ts";

/** The error for a NaN or an infinity in input. */
export const notFinite = (where: string): LensError =>
  new LensError("NOT_FINITE", `There is a NaN or an infinity in ${where}.`, "Look for NaN in the weights and the data, and for values too large for the precision (--precision double).");

/** The power of two nearest above max |A_ij|; dividing by it is exact and keeps squares within range. @throws LensError NOT_FINITE. */
export const scaleOf = (arena: Arena, matrix: Address, n: number): number => {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    const inColumn = arena.kernels.largest(n - j, matrix + 8 * j * (n + 1));
    if (!Number.isFinite(inColumn)) throw notFinite(`row ${j} of the symmetric matrix`);
    largest = Math.max(largest, inColumn);
  }
  return largest === 0 ? 1 : 2 ** Math.min(1023, Math.ceil(Math.log2(largest)));
};

/** Divides by a power of two, in two steps where its inverse is out of range. */
export const divide = (arena: Arena, address: Address, count: number, power: number): void => {
  const factors = Number.isFinite(1 / power) ? [1 / power] : [2 ** 512, 2 ** -512 / power];
  for (const factor of factors) if (factor !== 1) arena.kernels.scale(count, factor, address);
};
