import type { DeviceMemory } from "../gpu-setup/device-memory.ts";
import type { FilledRequest } from "./defaults.ts";
import { isApart, type OpenNetwork } from "./open-network.ts";
import { factorBatch } from "./run-sizes.ts";

/** The memory of the device before an analysis took some, and the batches that were sized by it. Plain JSON data. */
export interface DeviceUse extends DeviceMemory {
  /** Bytes that the forward values of one run may take. */
  readonly run: number;
  /** Samples in a run of products, and in one that writes gradients of each sample. */
  readonly batch: { readonly products: number; readonly gradients: number };
}

/**
 * Bytes that are free for products on the device of an open network: undefined where graphs run in the process, 0 where nothing is known of the
 * device or its memory ran out before.
 */
export const productMemory = (open: OpenNetwork): number | undefined => {
  if (open.runtime.provider === "cpu") return undefined;
  return isApart(open) && open.room.most === undefined ? (open.graphs.memory?.free ?? 0) : 0;
};

/** Samples in a batch of per-sample gradients, and how many of each are in a run. */
const gradientSizes = ({ network, samples, room, source }: OpenNetwork, { batch }: FilledRequest): { readonly batch: number; readonly together: number } =>
  source.fixedBatch === null ? factorBatch(network, samples, batch, room) : { batch: source.fixedBatch, together: 1 };

/** Null on the CPU, and where the device does not tell its memory. */
export const deviceUse = (open: OpenNetwork, request: FilledRequest): DeviceUse | null =>
  open.graphs.memory && { ...open.graphs.memory, run: open.room.values, batch: { products: open.network.batch, gradients: gradientSizes(open, request).batch } };

/** Samples in the smallest batch that an analysis runs, and samples times cotangents of a run that writes gradients: what is halved where memory runs out. */
export const smallestRuns = (open: OpenNetwork, request: FilledRequest): { readonly batch: number | null; readonly rows: number | null } => {
  if (open.source.fixedBatch !== null) return { batch: null, rows: null };
  const { batch, together } = gradientSizes(open, request);
  return { batch: request.method === "krylov" ? open.network.batch : Math.min(open.network.batch, batch), rows: batch * together };
};
