import { bootstrap } from "global-agent/dist/index.js";
import type { ProviderPackage } from "../package-metadata.ts";
import { publishedPackage } from "../published.ts";
import { fetchJson } from "./fetch-json.ts";

/** What went wrong; where several addresses of a host were tried, at the first of them. */
const reasonOf = (error: unknown): string => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && first.message !== "" ? first.message : String(first);
};

/**
 * Prints what the feed's record says of a package (JSON, as `publishedPackage` gives it), asked through the same proxy as the installer's own
 * requests; or why the feed cannot be asked, on standard error, with status 1.
 */
export const printRecord = async (offered: string): Promise<void> => {
  bootstrap();
  try {
    process.stdout.write(JSON.stringify(await publishedPackage(JSON.parse(offered) as ProviderPackage, fetchJson)));
  } catch (error) {
    process.stderr.write(`Error: ${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
};
