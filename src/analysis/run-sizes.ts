import { sizeOf } from "../core/tensor.ts";
import type { DeviceMemory } from "../gpu-setup/device-memory.ts";
import type { Network } from "../jacobian/network.ts";
import { MOST_PRODUCTS } from "../spectrum/density-effort.ts";

/** Bytes that the forward values of one run may take in the process: small enough for the cache to help, large enough for full products. */
const RUN_BYTES = 2 ** 28;

/** Samples of one run in the process, at most. */
const LARGEST_RUN = 4096;

/** The same on a device: it moves so many bytes in 2 to 10 ms, beside which the microseconds that each step takes to begin do not count. More gains nothing. */
const DEVICE_RUN_BYTES = 2 ** 32;

/** Samples of one run on a device, at most: where a layer has ten entries a sample there is work for its 10⁵ threads. */
const LARGEST_DEVICE_RUN = 2 ** 15;

/**
 * The share of a device's free memory that goes to the forward values of one run. An analysis keeps up to seven graphs loaded, and each keeps
 * what its runs needed: eight gradients at a time, beside the forward values, eight times the largest of them. Counted for the plan, with weights
 * and what allocators take too much, all of them together are 2 to 9 times the forward values (ResNet-20, transformer, small CNN); the rest is for
 * the workspaces of the provider's libraries.
 */
const DEVICE_SHARE = 1 / 16;

/** What one run may take. */
export interface RunRoom {
  /** Bytes of its forward values. */
  readonly values: number;
  /** Samples; each is counted as often as it has cotangents in the run. */
  readonly rows: number;
  /** On a device with memory of its own: what a run in the process would be given, to which gradients are copied. Null in the process. */
  readonly process: RunRoom | null;
  /** Samples times cotangents of a run that writes gradients, at most; absent where memory did not run out before. */
  readonly most?: number;
}

/** Room for runs in a process that may take `memory` bytes in all: several graphs keep what their runs need. */
export const processRoom = (memory: number): RunRoom => ({ values: Math.min(RUN_BYTES, Math.floor(memory / 16)), rows: LARGEST_RUN, process: null });

/**
 * Room for runs by `device`, by a process that may take `memory` bytes: on a device with free memory of its own a share of that. The process bounds
 * it too: that samples do not mix is shown by the values of one run. Where nothing is known of the device, or what it has is the process' own, the
 * room is that of the process.
 */
export const roomFor = (memory: number, device: DeviceMemory | null): RunRoom => {
  const own = processRoom(memory);
  if (device === null || device.shared || device.free === null) return own;
  return { values: Math.floor(Math.min(DEVICE_RUN_BYTES, DEVICE_SHARE * device.free, memory / 4)), rows: LARGEST_DEVICE_RUN, process: own };
};

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

/** Samples of one run whose forward values fit the room; a few in any case. */
const rowsOfRun = ({ bytesPerSample }: Network, { values, rows }: RunRoom): number => Math.min(rows, Math.max(Math.min(8, Math.floor(values / 2 ** 22)), 2, Math.floor(values / Math.max(1, bytesPerSample))));

/** Bytes of the gradients that one run may write: they are on the device, and copied to the process. */
const gradientBytes = ({ values, process }: RunRoom): number => Math.min(values, process?.values ?? Infinity);

/** The same where a run also writes gradients: more than the process would take at a time only as long as all of them may be written out. */
const rowsOfFactors = (probe: Network, room: RunRoom): number => {
  const rows = rowsOfRun(probe, room);
  if (room.process === null) return rows;
  const gradient = 4 * probe.lowered.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return Math.min(rows, Math.max(rowsOfRun(probe, room.process), Math.floor(gradientBytes(room) / Math.max(1, gradient))));
};

/** The batch that was asked for, but no larger than the samples fill: past them rows are repeated, two at least as in an even split. */
const filledBatch = (asked: number, samples: number): number => Math.min(asked, Math.max(2, samples));

/** Samples in one run of a plain product. */
export const productBatch = (probe: Network, samples: number, asked: number | undefined, room: RunRoom): number =>
  asked === undefined ? evenBatch(samples, rowsOfRun(probe, room)) : filledBatch(asked, samples);

/** Samples in a batch of the first stage of per-sample factors, and cotangents of each that one run of the second takes at once. */
export const factorBatch = (probe: Network, samples: number, asked: number | undefined, room: RunRoom): { readonly batch: number; readonly together: number } => {
  const rows = rowsOfFactors(probe, room);
  const together = Math.min(probe.outputs, Math.max(1, Math.floor(rows / 2)));
  const batch = asked === undefined ? evenBatch(samples, Math.floor(rows / together)) : filledBatch(asked, samples);
  return { batch, together: Math.min(together, Math.max(1, Math.floor((room.most ?? Infinity) / batch))) };
};

/** The same where every gradient is written out, `entries` numbers each: the results of a run stay within the bytes of forward values. */
export const rowBatch = (probe: Network, samples: number, entries: number, asked: number | undefined, room: RunRoom): { readonly batch: number; readonly together: number } => {
  const sizes = factorBatch(probe, samples, asked, room);
  const rows = Math.max(1, Math.floor(gradientBytes(room) / (8 * Math.max(1, entries))));
  if (sizes.batch * sizes.together <= rows) return sizes;
  const together = Math.min(sizes.together, rows);
  return { batch: asked === undefined ? Math.max(1, Math.min(sizes.batch, Math.floor(rows / together))) : sizes.batch, together };
};

/** Vectors that the block Krylov method takes at a time. */
export const BLOCK = 8;

/** The bases of the block Krylov method: how many vectors, on which sides of J, and the bytes that they and the vectors found take. */
export interface KrylovSizes {
  readonly basis: number;
  readonly sides: "both" | "short";
  readonly bytes: number;
}

/** Vectors of the density's processes, all that there are at most: one for each two products, and two more of each process. */
const DENSITY_VECTORS = MOST_PRODUCTS / 2 + 2 * 2 * BLOCK;

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
  const beside = 8 * (rows * (2 * wanted + 24) + short * (2 * wanted + DENSITY_VECTORS));
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
