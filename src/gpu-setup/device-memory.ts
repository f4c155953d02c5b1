import { nvidiaMemories, type NvidiaMemory, visibleToCuda } from "./nvidia-memory.ts";
import type { Machine } from "./machine.ts";

/** The memory of the device that a provider computes on. Plain JSON data. */
export interface DeviceMemory {
  /** Bytes that no process held when it was asked; null where only the whole is known. */
  readonly free: number | null;
  /** Bytes in all; null where that is not told. */
  readonly total: number | null;
  /** The device has none of its own: it computes in the computer's, and what it holds is the process'. */
  readonly shared: boolean;
  /** Who says so, and of which device: "nvidia-smi, GPU 1 (NVIDIA L4)". */
  readonly source: string;
}

/** What tells devices apart: the provider as ONNX Runtime's options name it, the number it was given, and what it was seen to compute on. */
export interface Device {
  readonly provider: string;
  readonly deviceId?: number | undefined;
  readonly adapter: { readonly name: string; readonly software: boolean } | null;
}

interface Sized {
  readonly free: number | null;
  readonly total: number | null;
  readonly name: string;
}

/** The least of several devices, where nothing says which of them it will be: no more than any of them has. */
const leastOf = (tool: string, found: readonly Sized[]): DeviceMemory | null => {
  const [first, ...others] = found;
  if (!first) return null;
  const least = (of: (device: Sized) => number | null): number | null => found.reduce<number | null>((sum, device) => {
    const own = of(device);
    return sum === null || own === null ? null : Math.min(sum, own);
  }, Infinity);
  const [free, total] = [least((device) => device.free), least((device) => device.total)];
  if (free === null && total === null) return null;
  return { free, total, shared: false, source: `${tool}, ${others.length === 0 ? first.name : `the least of ${found.length} GPUs`}` };
};

const named = ({ index, name, free, total }: NvidiaMemory): Sized => ({ free, total, name: `GPU ${index} (${name})` });

/** CUDA's device of a number, 0 by default. One that is split into instances (MIG) gives a part of itself only, which nvidia-smi does not tell here. */
const ofCuda = async (machine: Machine, deviceId = 0): Promise<DeviceMemory | null> => {
  const candidates = visibleToCuda(await nvidiaMemories(machine), machine.env, deviceId);
  return candidates.some(({ split }) => split) ? null : leastOf("nvidia-smi", candidates.map(named));
};

const bytesIn = async (machine: Machine, path: string): Promise<number | null> => {
  const text = (await machine.text(path))?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
};

/** Memory of its own that each GPU of the amdgpu driver has. @source Linux, Documentation/gpu/amdgpu/driver-misc.rst, "Memory usage information". */
const ofAmd = async (machine: Machine): Promise<DeviceMemory | null> => {
  const folder = "/sys/class/drm";
  const cards = (await machine.list(folder)).filter((name) => /^card\d+$/.test(name));
  const found = await Promise.all(cards.map(async (name): Promise<Sized | null> => {
    const fact = (what: string): Promise<number | null> => bytesIn(machine, `${folder}/${name}/device/mem_info_vram_${what}`);
    const [total, used] = [await fact("total"), await fact("used")];
    return total === null ? null : { name, total, free: used === null ? null : total - used };
  }));
  return leastOf("amdgpu", found.filter((card) => card !== null));
};

/** @source proc_meminfo(5): MemAvailable is what can be had without swapping. */
const ofLinux = async (machine: Machine): Promise<DeviceMemory | null> => {
  const text = await machine.text("/proc/meminfo") ?? "";
  const line = (name: string): number | null => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  };
  const [free, total] = [line("MemAvailable"), line("MemTotal")];
  return total === null ? null : { free, total, shared: true, source: "/proc/meminfo: the driver computes on the CPU" };
};

/** Apple silicon: CPU and GPU have one memory, of which no share is set apart. */
const ofMac = async (machine: Machine): Promise<DeviceMemory | null> => {
  const text = (await machine.run("sysctl", ["-n", "hw.memsize"]))?.trim() ?? "";
  return /^\d+$/.test(text) ? { free: null, total: Number(text), shared: true, source: "sysctl: CPU and GPU share the memory" } : null;
};

/**
 * WebGPU takes the GPU that it likes best and names its driver only: the least of those that the driver may have is taken. Intel's have no memory
 * of their own, or (Arc) do not tell it to ordinary users.
 */
const ofWebGpu = async (machine: Machine, adapter: Device["adapter"]): Promise<DeviceMemory | null> => {
  if (machine.platform === "darwin") return ofMac(machine);
  if (machine.platform !== "linux" || adapter === null) return null;
  if (adapter.software) return ofLinux(machine);
  const drivers = adapter.name.split(" or ");
  if (drivers.every((name) => name.includes("NVIDIA"))) return leastOf("nvidia-smi", (await nvidiaMemories(machine)).map(named));
  return drivers.every((name) => name.includes("AMD")) ? ofAmd(machine) : null;
};

/**
 * What memory the device of a provider has, and how much of it is free now; null for the CPU and where nothing tells (DirectML numbers devices
 * as Windows' graphics does, and Windows tells no program without it). Cost: one start of nvidia-smi, tenths of a second.
 */
export const deviceMemory = async (machine: Machine, { provider, deviceId, adapter }: Device): Promise<DeviceMemory | null> => {
  if (provider === "cuda") return ofCuda(machine, deviceId);
  if (provider === "webgpu") return ofWebGpu(machine, adapter);
  return provider === "coreml" ? ofMac(machine) : null;
};
