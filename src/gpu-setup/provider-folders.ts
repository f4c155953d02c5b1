import { sitePackages } from "./library-folders.ts";
import { entries, pathList, type Machine } from "./machine.ts";

/** The CUDA provider's library, by which a folder with providers is known. */
export const CUDA_PROVIDER = "libonnxruntime_providers_cuda.so";
/** The runtime's own library; it loads providers from the folder that it was itself loaded from. */
export const RUNTIME_LIBRARY = "libonnxruntime.so.1";

/** A folder outside the runtime's that holds the CUDA provider. */
export interface ProviderFolder {
  readonly path: string;
  /** Version of ONNX Runtime by pip's records; null where none says. It must be the runtime's own. */
  readonly version: string | null;
}

/** The version of the onnxruntime-gpu wheel beside an `onnxruntime` package. */
const wheelVersion = async (machine: Machine, site: string): Promise<string | null> => {
  const [record] = await entries(machine, site, /^onnxruntime_gpu-\d[^-]*\.dist-info$/);
  return /onnxruntime_gpu-(\d[^-]*)\.dist-info$/.exec(record ?? "")?.[1] ?? null;
};

/** Folders of the setting, of LD_LIBRARY_PATH and of pip's onnxruntime-gpu that hold the CUDA provider. */
export const findProviderFolders = async (machine: Machine, setting: readonly string[]): Promise<readonly ProviderFolder[]> => {
  const named = [...setting, ...pathList(machine.env.LD_LIBRARY_PATH)].map((path): ProviderFolder => ({ path, version: null }));
  const wheels = await Promise.all((await sitePackages(machine)).map(async (site): Promise<ProviderFolder> => ({ path: `${site}/onnxruntime/capi`, version: await wheelVersion(machine, site) })));
  const all = [...named, ...wheels].filter(({ path }, i, list) => list.findIndex((other) => other.path === path) === i);
  const there = await Promise.all(all.map(({ path }) => machine.exists(`${path}/${CUDA_PROVIDER}`)));
  return all.filter((_, i) => there[i] === true);
};

/** The folder that a process with this environment loads the runtime from: the loader asks LD_LIBRARY_PATH before the package's own folder (RUNPATH). */
export const runtimeFolder = async (machine: Machine, packageFolder: string): Promise<string> => {
  for (const folder of pathList(machine.env.LD_LIBRARY_PATH)) if (await machine.exists(`${folder}/${RUNTIME_LIBRARY}`)) return folder;
  return binFolder(packageFolder, machine);
};

/** Where onnxruntime-node keeps its binding and runtime. */
export const binFolder = (packageFolder: string, { platform, arch }: Pick<Machine, "platform" | "arch">): string => `${packageFolder}/bin/napi-v6/${platform}/${arch}`;
