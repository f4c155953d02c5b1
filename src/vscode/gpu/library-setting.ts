import path from "node:path";
import { LensError } from "../../core/errors.ts";
import type { Machine } from "../../gpu-setup/machine.ts";
import { CUDA_PROVIDER } from "../../gpu-setup/provider-folders.ts";

/** Folders of the setting with some added in front, each once. */
export const withFolders = (folders: readonly string[], added: readonly string[]): readonly string[] => [...added, ...folders.filter((folder) => !added.includes(folder))];

/** The setting without a folder that is no longer to be used. */
export const withoutFolder = (folders: readonly string[], removed: string): readonly string[] => folders.filter((folder) => folder !== removed);

/** What a folder must hold to be of use: the provider, or libraries of CUDA or cuDNN. */
const USEFUL = /^lib(?:cud\w+|cublas\w*|curand|cufft|nvrtc|nvJitLink|onnxruntime_providers_\w+)\.so/;

/**
 * Checks a folder that the user chose: itself, or its lib64 or lib (a toolkit's root is easily chosen). Returns the one that holds libraries.
 * @throws LensError GPU_FOLDER
 */
export const folderWithLibraries = async (machine: Machine, chosen: string): Promise<string> => {
  if (path.isAbsolute(chosen) && !chosen.includes(":")) {
    for (const folder of [chosen, path.join(chosen, "lib64"), path.join(chosen, "lib")]) if ((await machine.list(folder)).some((name) => USEFUL.test(name))) return folder;
  }
  throw new LensError("GPU_FOLDER", `${chosen} holds neither ${CUDA_PROVIDER} nor libraries of CUDA or cuDNN.`, "Choose the folder that the files themselves are in: its name often ends with lib64, lib, or nvidia/cudnn/lib.");
};
