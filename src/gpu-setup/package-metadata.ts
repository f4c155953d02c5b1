import { createContext, runInContext } from "node:vm";
import type { Machine } from "./machine.ts";

/** What the installer of onnxruntime-node would fetch for this platform. */
export interface ProviderPackage {
  /** The installer's own name for it: "cuda12". */
  readonly id: string;
  /** Major version of CUDA by that name. */
  readonly cuda: number;
  /** Files that it puts beside the runtime. */
  readonly files: readonly string[];
  /** NuGet package and version. */
  readonly name: string;
  readonly version: string;
  /** Address of the feed's index. */
  readonly feed: string;
}

/** What the installed onnxruntime-node says of itself. */
export interface PackageMetadata {
  readonly version: string;
  /** Null when the package offers nothing to fetch for this platform, or no longer says so in a form that is known. */
  readonly provider: ProviderPackage | null;
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value);
const at = (value: unknown, key: string): unknown => (isPlain(value) ? value[key] : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A CommonJS file that is data only, evaluated without anything of Node's in reach. */
const evaluate = (source: string, requires: Readonly<Record<string, unknown>>): unknown => {
  const module = { exports: {} as unknown };
  runInContext(source, createContext({ module, require: (name: string) => requires[name] }), { timeout: 1000 });
  return module.exports;
};

const metadataOf = (table: string | null, versions: string | null): unknown => {
  try {
    return table === null ? null : evaluate(table, { "./install-metadata-versions.js": evaluate(versions ?? "", {}) });
  } catch {
    return null;
  }
};

/** The first thing the installer fetches for a platform ("linux/x64") that is named after CUDA. */
const providerOf = (metadata: unknown, platform: string): ProviderPackage | null => {
  const id = listOf(at(at(metadata, "requirements"), platform)).map(text).find((name) => /^cuda\d+$/.test(name ?? "")) ?? null;
  if (id === null) return null;
  const files = at(at(metadata, "manifests"), `${platform}:${id}`);
  if (!isPlain(files)) return null;
  const packages = [...new Set(Object.values(files).map((entry) => text(at(entry, "package"))))];
  const found = at(at(metadata, "packages"), packages[0] ?? "");
  const [first] = listOf(at(found, "versions"));
  const [name, version, feed] = [text(at(found, "name")), text(at(first, "version")), text(at(at(at(metadata, "feeds"), text(at(first, "feed")) ?? ""), "index"))];
  if (packages.length !== 1 || name === null || version === null || feed === null) return null;
  return { id, cuda: Number(id.slice(4)), files: Object.keys(files).map((file) => file.replace(/^\.\//, "")), name, version, feed };
};

/** Reads package.json and script/install-metadata.js of the onnxruntime-node in `folder`; null when it is not there. */
export const readPackageMetadata = async (machine: Machine, folder: string): Promise<PackageMetadata | null> => {
  const [manifest, table, versions] = await Promise.all(["package.json", "script/install-metadata.js", "script/install-metadata-versions.js"].map((file) => machine.text(`${folder}/${file}`)));
  const version = /"version":\s*"([^"]+)"/.exec(manifest ?? "")?.[1];
  if (version === undefined) return null;
  return { version, provider: providerOf(metadataOf(table ?? null, versions ?? null), `${machine.platform}/${machine.arch}`) };
};
