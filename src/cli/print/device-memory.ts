import type { DeviceUse } from "../../analysis/device-use.ts";
import type { DeviceMemory } from "../../gpu-setup/device-memory.ts";
import { bytes, counted } from "./numbers.ts";

/** "75 GiB of 80 GiB free" */
export const memoryText = ({ free, total }: Pick<DeviceMemory, "free" | "total">): string => {
  if (free === null) return total === null ? "memory not known" : `${bytes(total)} of memory`;
  return total === null ? `${bytes(free)} free` : `${bytes(free)} of ${bytes(total)} free`;
};

/** "batches of 256 samples, 40 where gradients are written" */
export const batchesText = ({ batch: { products, gradients } }: Pick<DeviceUse, "batch">): string =>
  `batches of ${counted(products, "sample")}${gradients === products ? "" : `, ${gradients} where gradients are written`}`;
