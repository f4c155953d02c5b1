import { askNvidiaSmi } from "./graphics-cards.ts";
import type { Machine } from "./machine.ts";

/** The memory of one NVIDIA GPU, as nvidia-smi tells it. */
export interface NvidiaMemory {
  /** nvidia-smi's number: GPUs in the order of their PCI addresses. */
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  /** Bytes; null where the driver does not tell ("[N/A]": the GPU shares the computer's). */
  readonly total: number | null;
  readonly free: number | null;
  /** Split into instances (MIG), of which each has a part of the memory. */
  readonly split: boolean;
}

const FIELDS = ["index", "uuid", "name", "memory.total", "memory.free", "mig.mode.current"] as const;

const whole = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);

const bytes = (mebibytes: string): number | null => {
  const count = whole(mebibytes);
  return count === null ? null : count * 2 ** 20;
};

/** The GPUs that nvidia-smi lists; a row without a number is none. Cost: one start of nvidia-smi. */
export const nvidiaMemories = async (machine: Machine): Promise<readonly NvidiaMemory[]> =>
  (await askNvidiaSmi(machine, FIELDS)).flatMap(([number = "", uuid = "", name = "", total = "", free = "", mig = ""]) => {
    const index = whole(number);
    return index === null ? [] : [{ index, uuid, name, total: bytes(total), free: bytes(free), split: mig === "Enabled" }];
  });

/** The GPU that an entry of CUDA_VISIBLE_DEVICES names: by number, or by the beginning of its UUID where no other begins so. */
const entryOf = (gpus: readonly NvidiaMemory[], entry: string): NvidiaMemory | undefined => {
  const number = whole(entry);
  if (number !== null) return gpus.find(({ index }) => index === number);
  const [found, ...others] = entry.startsWith("GPU-") ? gpus.filter(({ uuid }) => uuid.startsWith(entry)) : [];
  return others.length === 0 ? found : undefined;
};

/** The entries up to the first that names no GPU, or one again. */
const listed = (gpus: readonly NvidiaMemory[], entries: readonly string[]): readonly NvidiaMemory[] => {
  const found: NvidiaMemory[] = [];
  for (const entry of entries) {
    const own = entryOf(gpus, entry);
    if (!own || found.includes(own)) break;
    found.push(own);
  }
  return found;
};

/**
 * The GPU that CUDA gives a device number to; empty where there is none of that number. CUDA numbers different GPUs fastest first, unless told
 * otherwise (CUDA_DEVICE_ORDER), and does not say which it takes for the fastest: then all that it may be.
 * @source CUDA C++ Programming Guide, "CUDA Environment Variables": CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER.
 */
export const visibleToCuda = (gpus: readonly NvidiaMemory[], env: Machine["env"], deviceId: number): readonly NvidiaMemory[] => {
  const setting = env.CUDA_VISIBLE_DEVICES;
  const entries = setting?.split(",").map((entry) => entry.trim());
  const visible = entries ? listed(gpus, entries) : gpus;
  const own = visible[deviceId];
  if (!own) return [];
  const byNumber = entries?.slice(0, deviceId + 1).some((entry) => whole(entry) !== null) ?? true;
  const sameOrder = env.CUDA_DEVICE_ORDER === "PCI_BUS_ID" || new Set(gpus.map(({ name }) => name)).size === 1;
  return byNumber && !sameOrder ? gpus : [own];
};
