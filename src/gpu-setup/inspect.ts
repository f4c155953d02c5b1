import { findCards } from "./graphics-cards.ts";
import { findLibraries } from "./libraries.ts";
import { libraryFolders } from "./library-folders.ts";
import { type LoaderCache, readLoaderCache } from "./loader-cache.ts";
import type { Machine } from "./machine.ts";
import { findDriver, isWsl } from "./nvidia-driver.ts";
import { type PackageMetadata, readPackageMetadata } from "./package-metadata.ts";
import { CUDA_PROVIDER, findProviderFolders, runtimeFolder } from "./provider-folders.ts";
import type { CudaReport, GpuReport } from "./report.ts";
import { cudaRequirements } from "./requirements.ts";
import { cudaSteps, webgpuSteps } from "./steps.ts";
import { findVulkan } from "./vulkan.ts";

export interface InspectOptions {
  /** Full path of the folder of onnxruntime-node. */
  readonly packageFolder: string;
  /** Folders that the user names for libraries: the setting. */
  readonly folders?: readonly string[];
}

const inspectCuda = async (machine: Machine, metadata: PackageMetadata, runtime: string, setting: readonly string[], cache: LoaderCache): Promise<CudaReport | null> => {
  const beside = `${runtime}/${CUDA_PROVIDER}`;
  const elsewhere = (await findProviderFolders(machine, setting)).filter(({ path }) => path !== runtime);
  const provider = (await machine.exists(beside)) ? beside : elsewhere[0] === undefined ? null : `${elsewhere[0].path}/${CUDA_PROVIDER}`;
  const requirements = await cudaRequirements(machine, metadata, provider);
  if (requirements === null || metadata.provider === null) return null;
  const [providers, libraries] = await Promise.all([
    findLibraries(machine, requirements.providers, [{ path: runtime, origin: "runtime", reachable: true }], new Map()),
    findLibraries(machine, requirements.libraries, await libraryFolders(machine, runtime, setting), cache),
  ]);
  return { requirements, offered: metadata.provider, providers, libraries, elsewhere };
};

/**
 * Finds out what GPUs there are and what stands in the way of using them. Reads files and starts nvidia-smi and ldconfig; loads no driver
 * and changes nothing. Null when onnxruntime-node is not in `packageFolder`. Cost: under a second; nvidia-smi may take two.
 */
export const inspectGpu = async (machine: Machine, { packageFolder, folders = [] }: InspectOptions): Promise<GpuReport | null> => {
  const metadata = await readPackageMetadata(machine, packageFolder);
  if (metadata === null) return null;
  const cache = await readLoaderCache(machine);
  const runtime = await runtimeFolder(machine, packageFolder);
  const [wsl, cards, driver, vulkan, cuda] = await Promise.all([isWsl(machine), findCards(machine), findDriver(machine, cache), findVulkan(machine, cache), inspectCuda(machine, metadata, runtime, folders, cache)]);
  const facts = { onnxruntime: metadata.version, runtime, wsl, cards, driver, vulkan, cuda };
  return { ...facts, steps: { cuda: cudaSteps(facts), webgpu: webgpuSteps(facts, machine.platform) } };
};
