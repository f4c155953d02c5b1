import { readdirSync } from "node:fs";
import { LensError } from "../core/errors.ts";
import type { ProviderName } from "./session.ts";

/** The providers that `auto` tries on a platform, best first; the CPU, which is always there, is the last. */
export const automaticOrder = (platform: NodeJS.Platform, arch: string): readonly ProviderName[] => {
  if (platform === "win32") return ["dml", "webgpu", "cpu"];
  if (platform === "darwin") return ["coreml", "webgpu", "cpu"];
  return platform === "linux" && arch === "x64" ? ["cuda", "webgpu", "cpu"] : ["webgpu", "cpu"];
};

/** Providers that take the number of a device. */
export const takesDevice = (provider: ProviderName): boolean => provider === "cuda" || provider === "dml";

/** The error of a device number for a provider that takes none; null where it takes it. 0 is what any would choose. */
export const deviceError = (provider: ProviderName, deviceId: number | undefined): LensError | null =>
  deviceId === undefined || deviceId === 0 || takesDevice(provider) ? null : new LensError("RUNTIME_DEVICE", `Device ${deviceId} cannot be chosen: provider ${provider} takes no device number.`, "Leave --device out; only cuda and dml take it.");

const listed = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/**
 * Why no GPU can be had here, without starting anything: Linux shows every GPU as a device file (NVIDIA's own, DRM's render nodes, Windows'
 * lent to its Linux subsystem). Null where there is one, and on other systems, where only trying tells.
 */
export const noGpuHere = (platform: NodeJS.Platform = process.platform): string | null => {
  if (platform !== "linux") return null;
  const isDevice = [...listed("/dev").map((name) => /^(?:nvidia\d+|dxg)$/.test(name)), ...listed("/dev/dri").map((name) => name.startsWith("renderD"))];
  return isDevice.includes(true) ? null : "no GPU device on this machine (/dev/nvidia*, /dev/dri/renderD* and /dev/dxg are not there)";
};
