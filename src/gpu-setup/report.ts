import type { GraphicsCard } from "./graphics-cards.ts";
import type { LibraryFinding } from "./libraries.ts";
import type { NvidiaDriver } from "./nvidia-driver.ts";
import type { ProviderPackage } from "./package-metadata.ts";
import type { ProviderFolder } from "./provider-folders.ts";
import type { CudaRequirements } from "./requirements.ts";
import type { VulkanSetup } from "./vulkan.ts";

/** One thing that a provider needs, in the order in which things must be put right. */
export interface Step {
  readonly subject: "platform" | "GPU" | "driver" | "provider library" | "CUDA libraries" | "Vulkan";
  readonly met: boolean;
  /** What was found, or what is wrong. */
  readonly found: string;
  /** What to do; null when it is met. */
  readonly advice: string | null;
}

/** The CUDA provider on this computer; null where onnxruntime-node has none for the platform. */
export interface CudaReport {
  readonly requirements: CudaRequirements;
  /** What the package's own installer would fetch. */
  readonly offered: ProviderPackage;
  /** The provider's own libraries, in the folder that the runtime is loaded from. */
  readonly providers: readonly LibraryFinding[];
  readonly libraries: readonly LibraryFinding[];
  /** Other folders that hold the provider: one of the same version can be used. */
  readonly elsewhere: readonly ProviderFolder[];
}

/** What was found out about GPUs here. Plain JSON data. */
export interface GpuReport {
  readonly onnxruntime: string;
  /** Folder that libonnxruntime.so.1 is loaded from, and so the only one that providers are loaded from. */
  readonly runtime: string;
  readonly wsl: boolean;
  readonly cards: readonly GraphicsCard[];
  readonly driver: NvidiaDriver | null;
  readonly vulkan: VulkanSetup;
  readonly cuda: CudaReport | null;
  /** What each provider needs; empty where nothing can be said before it is tried. */
  readonly steps: { readonly cuda: readonly Step[]; readonly webgpu: readonly Step[] };
}

/** The first thing that stands in a provider's way; undefined when nothing is known to. */
export const obstacle = (steps: readonly Step[]): Step | undefined => steps.find(({ met }) => !met);

/** Folders that hold a needed library but that the loader does not search, each once: what the setting is to name. */
export const foldersToAdd = (cuda: CudaReport): readonly string[] =>
  [...new Set(cuda.libraries.filter(({ path, reachable }) => path !== null && !reachable).map(({ path }) => (path ?? "").replace(/\/[^/]*$/, "")))];
