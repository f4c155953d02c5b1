import type { ProviderPackage } from "./package-metadata.ts";

/** What a feed's record says of a package. */
export interface PublishedPackage {
  /** SHA-512 of the package, base64; null where the record has none. */
  readonly sha512: string | null;
  /** Bytes to fetch; null where the record does not say. */
  readonly bytes: number | null;
}

/** Fetches a JSON document; null where the server says that there is none. Rejects where that cannot be learned. */
export type FetchJson = (url: string) => Promise<unknown>;

const at = (value: unknown, key: string): unknown => (typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined);

/**
 * Hash and size of a package by the feed's own catalogue; null when the feed keeps none (mirrors often do not). Rejects when the feed cannot
 * be asked: nothing is known then, not even that there is no hash.
 * @source NuGet server API, "Service index", "Package metadata" (registration leaf) and "Catalog" (packageHash, packageSize).
 */
export const publishedPackage = async ({ name, version, feed }: ProviderPackage, get: FetchJson): Promise<PublishedPackage | null> => {
  const resources = at(await get(feed), "resources");
  if (!Array.isArray(resources)) throw new Error(`${feed} does not answer as a NuGet feed`);
  const root = at((resources as unknown[]).find((resource) => String(at(resource, "@type")).startsWith("RegistrationsBaseUrl")), "@id");
  if (typeof root !== "string") return null;
  const leaf = await get(`${root.replace(/\/?$/, "/")}${name.toLowerCase()}/${version.toLowerCase()}.json`);
  const entry = at(leaf, "catalogEntry");
  const record = typeof entry === "string" ? await get(entry) : entry;
  if (typeof record !== "object" || record === null) return null;
  const [hash, algorithm, size] = [at(record, "packageHash"), at(record, "packageHashAlgorithm"), at(record, "packageSize")];
  return { sha512: typeof hash === "string" && algorithm === "SHA512" ? hash : null, bytes: typeof size === "number" ? size : null };
};
