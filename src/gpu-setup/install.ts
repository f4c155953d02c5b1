import { copyFile, mkdir, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { isCancelled, LensError, throwIfAborted } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { removeAbandoned, stagingFolder } from "./install-staging.ts";
import { runInstaller } from "./installer-process.ts";
import { describeFile, hashFile, type InstallManifest, MANIFEST_FILE, readManifest } from "./manifest.ts";
import type { ProviderPackage } from "./package-metadata.ts";
import type { PublishedPackage } from "./published.ts";

/** Where the installer's process leaves the package that it fetched. */
const FETCHED = "package.nupkg";

/** The thread that ends the installer with this process; it is looked for beside the installer. */
const LIFELINE = "lifeline.cjs";

export interface InstallOptions {
  /** dist/gpu-installer.cjs; lifeline.cjs lies beside it. */
  readonly installer: string;
  /** Folder of this program's own, on the disk that is to hold the libraries; made when it is not there. */
  readonly storage: string;
  readonly offered: ProviderPackage;
  /** Version of the installed onnxruntime-node. */
  readonly onnxruntime: string;
  /** What the feed's record says of the package; null: nothing. */
  readonly published: PublishedPackage | null;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Variables for the installer's process, beside this one's. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where libraries for a version are installed below the storage folder. */
export const installationFolder = (storage: string, onnxruntime: string, id: string): string => path.join(storage, `onnxruntime-${onnxruntime}-${id}`);

/** Unpacked, the libraries take about twice the package; both lie on the disk at once. @throws LensError GPU_DISK */
const requireRoom = async (storage: string, bytes: number | null): Promise<void> => {
  if (bytes === null) return;
  const { bavail, bsize } = await statfs(storage);
  if (bavail * bsize >= 3 * bytes) return;
  const gibibytes = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  throw new LensError("GPU_DISK", `${storage} has ${gibibytes(bavail * bsize)} free; fetching and unpacking the libraries needs about ${gibibytes(3 * bytes)}.`, "Make room on that disk and try again.");
};

/** Compares the package as fetched with the feed's record. @throws LensError GPU_CHECKSUM */
const checkPackage = async (file: string, published: PublishedPackage | null): Promise<InstallManifest["fetched"]> => {
  const sha512 = await hashFile(file, "sha512", "base64");
  const { size } = await stat(file);
  const clash = published !== null && ((published.sha512 !== null && published.sha512 !== sha512) || (published.bytes !== null && published.bytes !== size));
  if (clash) throw new LensError("GPU_CHECKSUM", `The package that was fetched (${size} bytes, SHA-512 ${sha512}) is not the one that the feed publishes (${published.bytes ?? "?"} bytes, ${published.sha512 ?? "no hash"}).`, "Nothing was installed. Try again; if it happens again, something between here and the feed changes files.");
  return { sha512, bytes: size, agrees: published?.sha512 === sha512 };
};

/** Runs the installer in the staging folder and writes the manifest beside what it unpacked. Returns that folder. */
const stage = async (staging: string, options: InstallOptions): Promise<string> => {
  const { installer, offered, onnxruntime, published, progress, signal, environment } = options;
  const script = path.join(staging, "script", "install.cjs");
  await mkdir(path.dirname(script), { recursive: true });
  await copyFile(installer, script);
  await copyFile(path.join(path.dirname(installer), LIFELINE), path.join(path.dirname(script), LIFELINE));
  await runInstaller({ script, folder: staging, bytes: published?.bytes ?? null, progress, signal, ...(environment ? { environment } : {}) });
  progress(0.92, "checking");
  const unpacked = path.join(staging, "bin", "napi-v6", process.platform, process.arch);
  const names: readonly string[] = await readdir(unpacked).catch(() => []);
  const missing = offered.files.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new LensError("GPU_INSTALL", `The installer ended without ${missing.join(", ")}.`, "Nothing was installed. Try again, or choose a folder that holds the libraries.");
  const fetched = await checkPackage(path.join(staging, FETCHED), published);
  const files = await Promise.all(offered.files.map((name) => describeFile(unpacked, name)));
  const manifest: InstallManifest = { schema: 1, created: new Date().toISOString(), onnxruntime, package: { name: offered.name, version: offered.version, feed: offered.feed }, fetched, files };
  await writeFile(path.join(unpacked, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  throwIfAborted(signal);
  return unpacked;
};

/** Puts a staged folder in its place; what was installed there before is back when that fails. @throws LensError GPU_INSTALL */
const replace = async (unpacked: string, folder: string, aside: string): Promise<void> => {
  const before: readonly string[] = await readdir(folder).catch(() => []);
  const manifest = await readManifest(folder);
  const foreign = before.filter((name) => name !== MANIFEST_FILE && manifest?.files.some((file) => file.name === name) !== true);
  if (foreign.length > 0) throw new LensError("GPU_INSTALL", `${folder} holds files that were not installed from here: ${foreign.slice(0, 3).join(", ")}.`, "Move them elsewhere and try again.");
  const had = await rename(folder, aside).then(() => true, () => false);
  try {
    await rename(unpacked, folder);
  } catch (error) {
    if (had) await rename(aside, folder);
    throw new LensError("GPU_INSTALL", `The libraries could not be put in ${folder}: ${String(error)}.`, "Make that folder writable and try again.", { cause: error });
  }
};

const inPlace = async (staging: string, options: InstallOptions): Promise<string> => {
  const { storage, offered, onnxruntime, published } = options;
  await mkdir(staging, { recursive: true });
  await requireRoom(storage, published?.bytes ?? null);
  const unpacked = await stage(staging, options);
  const folder = installationFolder(storage, onnxruntime, offered.id);
  await replace(unpacked, folder, path.join(staging, "previous"));
  return folder;
};

/**
 * Fetches the provider libraries with the package's own installer and puts them in a folder of their own: whole, compared with the feed's
 * hash, described by a manifest; or not at all. The package itself is not touched. Returns the folder. Progress in [0, 1].
 * @throws LensError GPU_INSTALL, GPU_CHECKSUM, GPU_DISK, CANCELLED; nothing is left behind then. What a killed process leaves is deleted by the
 *   next one.
 */
export const installProviders = async (options: InstallOptions): Promise<string> => {
  const { storage, progress } = options;
  await removeAbandoned(storage);
  const staging = stagingFolder(storage);
  try {
    const folder = await inPlace(staging, options);
    progress(1, "installed");
    return folder;
  } catch (error) {
    if (error instanceof LensError || isCancelled(error)) throw error;
    throw new LensError("GPU_INSTALL", `The provider libraries could not be installed below ${storage}: ${error instanceof Error ? error.message : String(error)}.`, "Nothing was installed. Make that folder writable, with room on its disk, and try again.", { cause: error });
  } finally {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
};
