import { LensError, throwIfAborted } from "../core/errors.ts";
import { RECORD_ARGUMENT } from "./installer-arguments.ts";
import { installerEnvironment } from "./installer-environment.ts";
import type { ProviderPackage } from "./package-metadata.ts";
import type { PublishedPackage } from "./published.ts";
import { complaint, runTied } from "./tied-process.ts";

export interface RecordQuestion {
  /** dist/gpu-installer.cjs. */
  readonly installer: string;
  readonly offered: ProviderPackage;
  readonly signal?: AbortSignal;
  /** Variables for the process that asks, beside this one's. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Milliseconds for the three documents of a record. */
const PATIENCE = 60_000;

const parse = (text: string): PublishedPackage | null | undefined => {
  try {
    return JSON.parse(text) as PublishedPackage | null;
  } catch {
    return undefined;
  }
};

/**
 * What the feed's record says of a package (null: it keeps none), asked by the installer's program: through the same proxy as the package will
 * be fetched. @throws LensError GPU_CHECKSUM where the feed cannot be asked, CANCELLED.
 */
export const askRecord = async ({ installer, offered, signal, environment }: RecordQuestion): Promise<PublishedPackage | null> => {
  const late = AbortSignal.timeout(PATIENCE);
  const ended = await runTied({
    script: installer,
    args: [RECORD_ARGUMENT, JSON.stringify(offered)],
    environment: { ...installerEnvironment(), ...environment },
    signal: AbortSignal.any([late, ...(signal ? [signal] : [])]),
  });
  throwIfAborted(signal);
  const record = ended.failure === null ? parse(ended.stdout) : undefined;
  if (record !== undefined) return record;
  const why = late.aborted ? `no answer within ${PATIENCE / 1000} s` : complaint(ended);
  throw new LensError("GPU_CHECKSUM", `What ${new URL(offered.feed).host} publishes of ${offered.name} ${offered.version} (its size and hash) could not be fetched: ${why}.`, "Nothing was installed: what cannot be compared with a published hash is not used. Where the network has a proxy, name it in VS Code's setting http.proxy (or start VS Code with HTTPS_PROXY=http://HOST:PORT, and NO_PROXY for what goes without it) and install again; or choose a folder that holds libonnxruntime_providers_cuda.so of the same version.");
};
