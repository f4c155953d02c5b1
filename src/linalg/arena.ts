import { LensError } from "../core/errors.ts";
import { instantiateKernels, type Address, type KernelBuild, type Kernels } from "./kernels.ts";

/**
 * One WebAssembly memory with the kernels over it. Memory is only ever added; it goes back to the system with the arena.
 * The limit is WebAssembly's: 4 GiB for everything together.
 */
export interface Arena {
  readonly kernels: Kernels;
  /** The address of `count` new float64 numbers, all zero, 64-byte aligned. @throws LensError MATRIX_TOO_LARGE. */
  reserve(count: number): Address;
  /** The numbers at an address, not a copy. Good until the next `reserve`, which may move the memory. */
  view(address: Address, count: number): Float64Array;
}

const PAGE = 65536;
const MAX_PAGES = 65536;

const tooLarge = (bytes: number, cause?: unknown): LensError =>
  new LensError(
    "MATRIX_TOO_LARGE",
    `A dense matrix calculation needs ${(bytes / 2 ** 30).toFixed(1)} GiB of memory; ${cause === undefined ? "4 GiB is the most it can have" : "the system did not give it"}.`,
    "Analyze fewer samples (--samples), or choose a method without a dense matrix (--method krylov).",
    { cause },
  );

const grow = (memory: WebAssembly.Memory, bytes: number): void => {
  if (bytes > PAGE * MAX_PAGES) throw tooLarge(bytes);
  const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch (cause) {
    throw tooLarge(bytes, cause);
  }
};

/** An empty arena; `build` only for tests of the build that is not the fastest here. */
export const createArena = (build?: KernelBuild): Arena => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
  const kernels = build === undefined ? instantiateKernels(memory) : instantiateKernels(memory, build);
  // The first page holds the kernels' own constants.
  let end = PAGE;
  return {
    kernels,
    reserve: (count) => {
      const address = end;
      const next = Math.ceil((address + 8 * count) / 64) * 64;
      grow(memory, next);
      end = next;
      return address;
    },
    view: (address, count) => new Float64Array(memory.buffer, address, count),
  };
};
