import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { readManifest } from "./manifest.ts";
import { pathList, type Machine } from "./machine.ts";
import { binFolder, CUDA_PROVIDER, RUNTIME_LIBRARY } from "./provider-folders.ts";
import { readPackageMetadata } from "./package-metadata.ts";

export interface LibraryPathOptions {
  /** Folders of the setting, first one first. */
  readonly folders: readonly string[];
  /** Folder of this program's own for links. */
  readonly storage: string;
  /** Folder of onnxruntime-node. */
  readonly packageFolder: string;
  /** Hears of folders that are not used, and why. */
  readonly log: (line: string) => void;
}

/** Links on their way to their place have such names. */
const MAKING = ".making-";

/** Makes a link, or another one in its place, in one step: processes that start at once do the same here, and none ever finds it missing. */
const link = async (target: string, at: string): Promise<void> => {
  if ((await readlink(at).catch(() => null)) === target) return;
  const made = path.join(path.dirname(at), `${MAKING}${randomUUID()}`);
  await symlink(target, made);
  await rename(made, at);
};

/**
 * ONNX Runtime loads a provider only from the folder that libonnxruntime.so.1 itself was loaded from, and the loader takes that one from
 * LD_LIBRARY_PATH before the package's own folder (the binding has a RUNPATH, not an RPATH). So a folder with links to the package's runtime and
 * to the provider's libraries makes the two meet, and the package is not touched. Made again where it has changed; returns it.
 */
export const linkProviders = async (storage: string, runtime: string, providers: string): Promise<string> => {
  const folder = path.join(storage, `linked-${createHash("sha256").update(`${runtime}\n${providers}`).digest("hex").slice(0, 12)}`);
  await mkdir(folder, { recursive: true });
  const names = (await readdir(providers)).filter((name) => /^libonnxruntime_providers_\w+\.so$/.test(name));
  const wanted = new Map([[RUNTIME_LIBRARY, path.join(runtime, RUNTIME_LIBRARY)], ...names.map((name) => [name, path.join(providers, name)] as const)]);
  for (const name of await readdir(folder)) if (!wanted.has(name) && !name.startsWith(MAKING)) await rm(path.join(folder, name), { force: true });
  for (const [name, target] of wanted) await link(target, path.join(folder, name));
  return folder;
};

/** The folder whose provider is to be used: the first with one, unless it was installed for another version of the runtime. */
const providerFolder = async (machine: Machine, { folders, packageFolder, log }: LibraryPathOptions): Promise<string | null> => {
  const version = (await readPackageMetadata(machine, packageFolder))?.version;
  for (const folder of folders) {
    if (!(await machine.exists(`${folder}/${CUDA_PROVIDER}`))) continue;
    const manifest = await readManifest(folder);
    if (manifest === null || manifest.onnxruntime === version) return folder;
    log(`${folder} holds the CUDA provider of ONNX Runtime ${manifest.onnxruntime}, not ${version ?? "the installed one"}: it is not used. Run “Jacobian Lens: Set Up GPU” again.`);
  }
  return null;
};

/** The folder of links for the provider in one of the folders; none where there is no provider, or no link to it can be made, which is logged. */
const linkedFolder = async (machine: Machine, options: LibraryPathOptions): Promise<readonly string[]> => {
  const providers = await providerFolder(machine, options);
  if (providers === null) return [];
  try {
    return [await linkProviders(options.storage, binFolder(options.packageFolder, machine), providers)];
  } catch (error) {
    options.log(`${providers} holds the CUDA provider, but it cannot be linked to ONNX Runtime below ${options.storage}: ${String(error)}. CUDA is not used; make that folder writable.`);
    return [];
  }
};

/**
 * What the environment of a process that runs ONNX Runtime must have beside the rest, so that the folders of the setting come first and a
 * provider in one of them is found; empty where the setting is, and on systems that do it otherwise. Folders that are not full paths or not
 * there are left out and logged. Never rejects: without the provider the CPU still computes.
 */
export const libraryEnvironment = async (machine: Machine, options: LibraryPathOptions): Promise<Readonly<Record<string, string>>> => {
  if (machine.platform !== "linux") return {};
  const folders: string[] = [];
  for (const folder of options.folders) {
    if (path.isAbsolute(folder) && !folder.includes(":") && (await machine.exists(folder))) folders.push(folder);
    else options.log(`jacobianLens.gpu.libraryFolders: ${folder} is not the full path of a folder that is there; it is not used.`);
  }
  if (folders.length === 0) return {};
  const linked = await linkedFolder(machine, { ...options, folders });
  return { LD_LIBRARY_PATH: [...new Set([...linked, ...folders, ...pathList(machine.env.LD_LIBRARY_PATH)])].join(":") };
};
