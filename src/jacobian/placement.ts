import type { gramFlops } from "./cost/gram-cost.ts";
import { isFusable } from "./fused-program.ts";
import type { GramRequest } from "./gram.ts";
import { factorBytes } from "./tile-blocks.ts";
import { unitCotangents } from "./unit-cotangents.ts";

/** Rows of the matrix up to which it is computed by one graph: what a few tiles hold. */
const FUSED_ROWS = 1536;

/** FLOPs up to which it is: a few seconds of two cores, in which nothing is reported and only the end of the process stops it. */
const FUSED_FLOPS = 4e11;

/** The share of a device's free memory that products may take beside the graphs of the network. */
const DEVICE_SHARE = 0.5;

/** Whether graphs of products that take so many bytes run where the executor's do. */
const runThere = ({ executor, memory, deviceMemory }: Pick<GramRequest, "executor" | "memory" | "deviceMemory">, bytes: number): boolean =>
  (executor.capabilities?.doubleProducts ?? true) && bytes <= (deviceMemory === undefined ? memory : DEVICE_SHARE * deviceMemory);

/** Whether one graph may do it all; with another product than JJᵀ stages do it. */
export const isFused = (request: GramRequest, { sample, pair }: ReturnType<typeof gramFlops>): boolean => {
  const { program, samples, cotangents } = request;
  const rows = samples * program.network.outputs;
  if (rows > FUSED_ROWS || !runThere(request, 2 * samples * factorBytes(program) + 16 * rows ** 2)) return false;
  return samples * sample + (samples ** 2 / 2) * pair <= FUSED_FLOPS && cotangents === unitCotangents && isFusable(program);
};

/** Whether tiles are computed on the executor's device: their factors go there and only they come back. */
export const tilesOnDevice = (request: Pick<GramRequest, "executor" | "program" | "memory" | "deviceMemory" | "edge">): boolean => {
  const { program, edge, deviceMemory } = request;
  return deviceMemory !== undefined && runThere(request, 4 * edge * factorBytes(program) + 32 * (edge * program.network.outputs) ** 2);
};
