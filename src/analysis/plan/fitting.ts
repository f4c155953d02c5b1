import { ARENA_LIMIT, type MemoryPart, type MethodPlan } from "./plan.ts";

/** What is advised beyond an estimate: another process with the same model and data is a little larger or smaller. */
export const SLACK = 1.03;

/** Bytes of parts for a share r of the samples. */
const bytesAt = (parts: readonly MemoryPart[], r: number): number => parts.reduce((sum, { bytes, power }) => sum + bytes * r ** power, 0);

/** Whether what a method holds in one WebAssembly memory fits it, for a share r of the samples: no memory that is allowed changes that. */
export const fitsArena = ({ arena }: MethodPlan, r = 1): boolean => bytesAt(arena ?? [], r) <= ARENA_LIMIT;

/** The most samples that fit both the memory allowed, with some slack, and one WebAssembly memory, to two digits; null where all do, or a fiftieth does not. */
export const samplesThatFit = (plan: MethodPlan, samples: number, limit: number): number | null => {
  if (bytesAt(plan.parts, 1) <= limit && fitsArena(plan)) return null;
  const fits = (r: number): boolean => SLACK * bytesAt(plan.parts, r) <= limit && fitsArena(plan, r);
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const count = Math.floor(low * samples);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  const rounded = Math.floor(count / digit) * digit;
  return rounded >= 2 && rounded >= samples / 50 ? rounded : null;
};
