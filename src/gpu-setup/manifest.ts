import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { LensError } from "../core/errors.ts";

/** A file that was installed. */
export interface InstalledFile {
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What stands in MANIFEST_FILE beside installed libraries: what they are, where from, and what undoing removes. */
export interface InstallManifest {
  readonly schema: 1;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Version of onnxruntime-node that they belong to. */
  readonly onnxruntime: string;
  readonly package: { readonly name: string; readonly version: string; readonly feed: string };
  /** SHA-512 of the package as fetched (base64), and whether the feed's own record gave the same; false: the feed has no record. */
  readonly fetched: { readonly sha512: string; readonly bytes: number; readonly agrees: boolean };
  readonly files: readonly InstalledFile[];
}

export const MANIFEST_FILE = "jacobian-lens-gpu.json";

/** Hash of a file, read piece by piece. */
export const hashFile = (file: string, algorithm: "sha256" | "sha512", encoding: "hex" | "base64"): Promise<string> =>
  new Promise((resolve, reject) => {
    const hash = createHash(algorithm);
    createReadStream(file).on("error", reject).on("data", (piece) => hash.update(piece)).on("end", () => { resolve(hash.digest(encoding)); });
  });

/** Size and hash of a file in a folder. Throws what reading throws. */
export const describeFile = async (folder: string, name: string): Promise<InstalledFile> => {
  const file = path.join(folder, name);
  const [{ size }, sha256] = await Promise.all([stat(file), hashFile(file, "sha256", "hex")]);
  return { name, bytes: size, sha256 };
};

const isInstalledFile = (value: unknown): value is InstalledFile =>
  typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" && "bytes" in value && typeof value.bytes === "number" && "sha256" in value && typeof value.sha256 === "string";

const isManifest = (value: unknown): value is InstallManifest =>
  typeof value === "object" && value !== null && "schema" in value && value.schema === 1 && "files" in value && Array.isArray(value.files) && value.files.every(isInstalledFile) && "onnxruntime" in value;

/** Whether the package had the hash that the feed publishes; false also where the manifest does not say. */
export const isVerified = ({ fetched }: Partial<InstallManifest>): boolean => fetched?.agrees === true;

/** The manifest in a folder; null where there is none that can be read. */
export const readManifest = async (folder: string): Promise<InstallManifest | null> => {
  const text = await readFile(path.join(folder, MANIFEST_FILE), "utf8").catch(() => "null");
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : null;
  } catch {
    return null;
  }
};

/** Names of installed files that are no longer as they were installed. Cost: reads them all, some hundred megabytes. */
export const changedFiles = async (folder: string, { files }: InstallManifest): Promise<readonly string[]> => {
  const now = await Promise.all(files.map(({ name }) => describeFile(folder, name).catch(() => null)));
  return files.filter((file, i) => now[i]?.sha256 !== file.sha256).map(({ name }) => name);
};

/**
 * Undoes an installation: deletes the files that the manifest names, the manifest, and the folder when nothing else is in it. Returns the
 * names of what is left, which is not ours. @throws LensError GPU_REMOVE where there is no manifest.
 */
export const uninstall = async (folder: string): Promise<readonly string[]> => {
  const manifest = await readManifest(folder);
  if (manifest === null) throw new LensError("GPU_REMOVE", `${folder} holds nothing that was installed from here.`, "Delete it by hand if it is of no use to you.");
  // A name with a path in it could reach outside of the folder: the manifest is a file like any other.
  const names = manifest.files.map(({ name }) => path.basename(name));
  for (const name of [...names, MANIFEST_FILE]) await rm(path.join(folder, name), { force: true });
  const left = await readdir(folder).catch(() => []);
  if (left.length === 0) await rmdir(folder).catch(() => undefined);
  return left;
};
