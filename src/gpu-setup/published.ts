import type { ProviderPackage } from "./package-metadata.ts";

/** What a feed's record says of a package. */
export interface PublishedPackage {
  /** SHA-512 of the package, base64; null where the record has none. */
  readonly sha512: string | null;
  /** Bytes to fetch; null where the record does not say. */
  readonly bytes: number | null;
}

/** Fetches a JSON document; rejects when it cannot be had. */
export type FetchJson = (url: string) => Promise<unknown>;

const at = (value: unknown, key: string): unknown => (typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined);

/** Over the network, https only, a minute at most. */
export const fetchJson = (signal: AbortSignal | undefined): FetchJson => async (url) => {
  if (!url.startsWith("https://")) throw new Error(`${url} is not https`);
  const response = await fetch(url, { signal: AbortSignal.any([AbortSignal.timeout(60_000), ...(signal ? [signal] : [])]) });
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return response.json();
};

/**
 * Hash and size of a package by the feed's own catalogue; null when the feed keeps none (mirrors often do not) or cannot be asked.
 * @source NuGet server API, "Service index", "Package metadata" (registration leaf) and "Catalog" (packageHash, packageSize).
 */
export const publishedPackage = async ({ name, version, feed }: ProviderPackage, get: FetchJson): Promise<PublishedPackage | null> => {
  try {
    const resources = at(await get(feed), "resources");
    const base = (Array.isArray(resources) ? (resources as unknown[]) : []).find((resource) => String(at(resource, "@type")).startsWith("RegistrationsBaseUrl"));
    const root = at(base, "@id");
    if (typeof root !== "string") return null;
    const leaf = await get(`${root.replace(/\/?$/, "/")}${name.toLowerCase()}/${version.toLowerCase()}.json`);
    const entry = at(leaf, "catalogEntry");
    const record = typeof entry === "string" ? await get(entry) : entry;
    const [hash, algorithm, size] = [at(record, "packageHash"), at(record, "packageHashAlgorithm"), at(record, "packageSize")];
    return { sha512: typeof hash === "string" && algorithm === "SHA512" ? hash : null, bytes: typeof size === "number" ? size : null };
  } catch {
    return null;
  }
};
