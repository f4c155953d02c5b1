import type { DeviceMemory } from "../gpu-setup/device-memory.ts";
import type { FilledRequest } from "./defaults.ts";
import type { OpenNetwork } from "./open-network.ts";
import { factorBatch } from "./run-sizes.ts";

/** The memory of the device before an analysis took some, and the batches that were sized by it. Plain JSON data. */
export interface DeviceUse extends DeviceMemory {
  /** Bytes that the forward values of one run may take. */
  readonly run: number;
  /** Samples in a run of products, and in one that writes gradients of each sample. */
  readonly batch: { readonly products: number; readonly gradients: number };
}

/** Samples in a batch of per-sample gradients. */
const gradientBatch = ({ network, samples, room, source }: OpenNetwork, { batch }: FilledRequest): number => source.fixedBatch ?? factorBatch(network, samples, batch, room).batch;

/** Null on the CPU, and where the device does not tell its memory. */
export const deviceUse = (open: OpenNetwork, request: FilledRequest): DeviceUse | null =>
  open.graphs.memory && { ...open.graphs.memory, run: open.room.values, batch: { products: open.network.batch, gradients: gradientBatch(open, request) } };

/** Samples in the smallest batch that an analysis runs: what is halved where memory runs out. */
export const smallestBatch = (open: OpenNetwork, request: FilledRequest): number =>
  request.method === "krylov" ? open.network.batch : Math.min(open.network.batch, gradientBatch(open, request));
