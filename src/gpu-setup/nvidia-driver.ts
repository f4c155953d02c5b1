import { askNvidiaSmi, NVIDIA_SMI } from "./graphics-cards.ts";
import { existing, type Machine } from "./machine.ts";
import type { LoaderCache } from "./loader-cache.ts";

/** The NVIDIA driver: kernel module and libcuda, the library that talks to it. */
export interface NvidiaDriver {
  /** "550.54.14"; null when no source says. */
  readonly version: string | null;
  /** Newest CUDA version the driver can run, as nvidia-smi says ("12.4"); null without nvidia-smi. */
  readonly cuda: string | null;
  /** Full path of libcuda.so.1; null when it is not there. */
  readonly library: string | null;
  /** nvidia-smi, which asks the driver, gives no answer. */
  readonly hangs: boolean;
}

const WSL_LIBRARY = "/usr/lib/wsl/lib/libcuda.so.1";

/** Whether this Linux runs inside Windows: its GPU driver is Windows' own. */
export const isWsl = async (machine: Machine): Promise<boolean> =>
  machine.platform === "linux" && (machine.env.WSL_DISTRO_NAME !== undefined || /microsoft/i.test(await machine.text("/proc/version") ?? ""));

/** The version by the kernel module's file: "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …"; open modules put "for x86_64" between. */
const versionInProc = (text: string | null): string | null => /Kernel Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)/.exec(text ?? "")?.[1] ?? null;

const newestCuda = async (machine: Machine): Promise<string | null> => {
  for (const program of NVIDIA_SMI) {
    const version = /CUDA Version:\s*(\d+\.\d+)/.exec(await machine.run(program, []) ?? "")?.[1];
    if (version !== undefined) return version;
  }
  return null;
};

/** nvidia-smi also says on its standard output, and with status 0, that there is none to ask. */
const versionIn = (text: string | undefined): string | null => (text !== undefined && /^\d+(?:\.\d+)+$/.test(text) ? text : null);

/** Looks for the driver; null where there is no trace of one. Cost: two starts of nvidia-smi, where there is one. */
export const findDriver = async (machine: Machine, cache: LoaderCache): Promise<NvidiaDriver | null> => {
  const [asked] = await askNvidiaSmi(machine, ["driver_version"]);
  const version = versionIn(asked?.[0]) ?? versionInProc(await machine.text("/proc/driver/nvidia/version"));
  const [inWindows] = await existing(machine, [WSL_LIBRARY]);
  const library = cache.get("libcuda.so.1") ?? inWindows ?? null;
  const hangs = NVIDIA_SMI.some((program) => machine.hung.has(program));
  if (version === null && library === null && !hangs) return null;
  return { version, cuda: asked === undefined ? null : await newestCuda(machine), library, hangs };
};
