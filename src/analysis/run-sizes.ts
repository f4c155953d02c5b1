import type { Network } from "../jacobian/network.ts";

/** Bytes that the forward values of one run may take: small enough for the cache to help, large enough for full products. */
const RUN_BYTES = 2 ** 28;

/** The same where the whole process may take `memory` bytes: several graphs keep what their runs need. */
export const runBytes = (memory: number): number => Math.min(RUN_BYTES, Math.floor(memory / 16));

/** Samples of one run, at most. */
const LARGEST_RUN = 4096;

/** Entries along the edge of a Gram tile: its products stay in the cache. */
const TILE_ROWS = 768;

/** How far over the limit a batch may be where that leaves fewer places of the last one empty. */
const STRETCH = 1.25;

/** An even split of n into batches of about `limit` at most, and of two at least: a batch of one hides which axis holds the samples. */
const evenBatch = (n: number, limit: number): number => {
  const count = Math.ceil(n / Math.max(1, limit));
  const into = (batches: number): number => Math.max(2, Math.ceil(n / Math.max(1, batches)));
  const [own, fewer] = [into(count), into(count - 1)];
  return fewer <= STRETCH * limit && (count - 1) * fewer < count * own ? fewer : own;
};

/** Samples of one run whose forward values take at most `bytes`; a few in any case. */
const rowsOfRun = ({ bytesPerSample }: Network, bytes: number): number => Math.min(LARGEST_RUN, Math.max(Math.min(8, Math.floor(bytes / 2 ** 22)), 2, Math.floor(bytes / Math.max(1, bytesPerSample))));

/** Samples in one run of a plain product; `bytes`: what its forward values may take. */
export const productBatch = (probe: Network, samples: number, asked: number | undefined, bytes = RUN_BYTES): number => asked ?? evenBatch(samples, rowsOfRun(probe, bytes));

/** Samples in a batch of the first stage of per-sample factors, and cotangents of each that one run of the second takes at once. */
export const factorBatch = (probe: Network, samples: number, asked: number | undefined, bytes = RUN_BYTES): { readonly batch: number; readonly together: number } => {
  const rows = rowsOfRun(probe, bytes);
  const together = Math.min(probe.outputs, Math.max(1, Math.floor(rows / 2)));
  return { batch: asked ?? evenBatch(samples, Math.floor(rows / together)), together };
};

/** The same where every gradient is written out, `entries` numbers each: the results of a run stay within the bytes of its forward values. */
export const rowBatch = (probe: Network, samples: number, entries: number, asked: number | undefined, bytes = RUN_BYTES): { readonly batch: number; readonly together: number } => {
  const sizes = factorBatch(probe, samples, asked, bytes);
  const rows = Math.max(1, Math.floor(bytes / (8 * Math.max(1, entries))));
  if (sizes.batch * sizes.together <= rows) return sizes;
  const together = Math.min(sizes.together, rows);
  return { batch: asked ?? Math.max(1, Math.min(sizes.batch, Math.floor(rows / together))), together };
};

/** Vectors that the block Krylov method takes at a time. */
export const BLOCK = 8;

/** The bases of the block Krylov method: how many vectors, on which sides of J, and the bytes that they and the vectors found take. */
export interface KrylovSizes {
  readonly basis: number;
  readonly sides: "both" | "short";
  readonly bytes: number;
}

/** Steps of the density's processes, and how many processes' bases may be there at once: BLOCK, and as many that wait to be collected. */
const DENSITY_STEPS = 60;
const PROCESSES = 2 * BLOCK;

/** Most bytes that one basis may take: a WebAssembly memory. */
const ARENA_BYTES = 2 ** 32 - 2 ** 26;

/**
 * Bases for `wanted` triplets of J [rows, columns] within `memory` bytes: on both sides as large as serves the iteration, then smaller (more
 * restarts), then on the shorter side alone where that is the outputs'; null where none fits.
 */
export const krylovSizes = ({ rows, columns }: { readonly rows: number; readonly columns: number }, wanted: number, memory: number): KrylovSizes | null => {
  const short = Math.min(rows, columns);
  const least = Math.min(short, wanted + 2 * BLOCK);
  const most = Math.min(short, 2 * wanted + 8 * BLOCK);
  // Kept at the same time, since memory is given back late: the vectors found, the deflation of two estimates, the density's processes.
  const beside = 8 * (rows * (2 * wanted + 24) + short * (2 * wanted + PROCESSES * (DENSITY_STEPS + 2)));
  for (const sides of ["both", "short"] as const) {
    if (sides === "short" && columns < rows) continue;
    const each = 8 * (sides === "both" ? rows + columns : short);
    const fits = Math.floor(Math.min(memory - beside, ARENA_BYTES) / each) - BLOCK - wanted;
    const basis = Math.min(most, fits);
    if (basis >= least) return { basis, sides, bytes: each * (basis + BLOCK + wanted) + beside };
  }
  return null;
};

/** Samples along the edge of a Gram tile. */
export const tileEdge = (outputs: number, samples: number): number => evenBatch(samples, Math.max(1, Math.floor(TILE_ROWS / outputs)));
