import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { LensError, throwIfAborted } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { installerEnvironment } from "./installer-environment.ts";
import { complaint, runTied } from "./tied-process.ts";

export interface InstallerProcess {
  /** The copy of dist/gpu-installer.cjs to run; it unpacks beside its own folder. */
  readonly script: string;
  /** Where it runs and keeps what it fetched. */
  readonly folder: string;
  /** Bytes it will fetch; null when unknown. */
  readonly bytes: number | null;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Variables beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

const INTERVAL = 300;

const environmentOf = ({ folder, environment }: InstallerProcess): NodeJS.ProcessEnv => ({
  ...installerEnvironment(),
  TMPDIR: folder,
  // Counts before the command line there, and may say "skip". The installer takes "true" for all that its platform needs, and forgets a name ("cuda12").
  ONNXRUNTIME_NODE_INSTALL: "true",
  ...environment,
});

/** Bytes of the package fetched so far, by the file that grows below the staging folder. */
const fetchedBytes = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const name = names.find((entry) => entry.endsWith(".nupkg"));
  return name === undefined ? 0 : stat(path.join(folder, name)).then(({ size }) => size, () => 0);
};

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Reports what has been fetched; the size decides how much of the bar it is. Stops with `stop`. */
const watchFetch = ({ folder, bytes, progress }: InstallerProcess): (() => void) => {
  const timer = setInterval(() => {
    void fetchedBytes(folder).then((got) => {
      if (got > 0) progress(bytes === null ? 0 : Math.min(0.9, (0.9 * got) / bytes), `fetched ${mebibytes(got)}${bytes === null ? "" : ` of ${mebibytes(bytes)}`}`);
    });
  }, INTERVAL);
  return () => { clearInterval(timer); };
};

/** Runs the installer to its end; it ends with this process. @throws LensError GPU_INSTALL with its own words, CANCELLED; the process is gone then. */
export const runInstaller = async (options: InstallerProcess): Promise<void> => {
  const { script, folder, progress, signal } = options;
  const unwatch = watchFetch(options);
  const ended = await runTied({ script, folder, environment: environmentOf(options), signal, heard: (piece) => { if (piece.includes("Extracting")) progress(0.9, "unpacking"); } });
  unwatch();
  throwIfAborted(signal);
  if (ended.failure === null) return;
  throw new LensError("GPU_INSTALL", `The provider libraries could not be fetched: ${complaint(ended)}.`, "Check the network and its proxy (VS Code's setting http.proxy, or HTTPS_PROXY) and try again, or choose a folder that holds libonnxruntime_providers_cuda.so of the same version.");
};
