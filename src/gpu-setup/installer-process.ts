import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { cancelled, LensError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";

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

/** Proxies as everybody names them, under the name the installer knows. */
const environmentOf = ({ folder, environment }: InstallerProcess): NodeJS.ProcessEnv => {
  const proxy = process.env.GLOBAL_AGENT_HTTPS_PROXY ?? process.env.HTTPS_PROXY ?? process.env.https_proxy;
  return {
    ...process.env,
    ...("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {}),
    ...(proxy === undefined ? {} : { GLOBAL_AGENT_HTTPS_PROXY: proxy }),
    TMPDIR: folder,
    // Counts before the command line there, and may say "skip". The installer takes "true" for all that its platform needs, and forgets a name ("cuda12").
    ONNXRUNTIME_NODE_INSTALL: "true",
    ...environment,
  };
};

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

/** The line of a Node program's last words that says what was wrong. */
const complaint = (stderr: string): string => /^\s*(?:\w*Error: )(.+)$/m.exec(stderr)?.[1]?.trim() ?? stderr.trim().split("\n").pop() ?? "";

/** Runs the installer to its end. @throws LensError GPU_INSTALL with its own words, CANCELLED; the process is gone then. */
export const runInstaller = (options: InstallerProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const { script, folder, progress, signal } = options;
    const child = spawn(process.execPath, [script], { cwd: folder, env: environmentOf(options), stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let stderr = "";
    const stop = (): void => void child.kill("SIGKILL");
    const unwatch = watchFetch(options);
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", (piece: Buffer) => { if (piece.includes("Extracting")) progress(0.9, "unpacking"); });
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const end = (why: string | null): void => {
      unwatch();
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(cancelled());
      else if (why === null) resolve();
      else reject(new LensError("GPU_INSTALL", `The provider libraries could not be fetched: ${why}.`, "Check the network and its proxy (HTTPS_PROXY) and try again, or choose a folder that holds libonnxruntime_providers_cuda.so of the same version."));
    };
    child.on("error", (error) => { end(error.message); });
    child.on("close", (code, killed) => { end(code === 0 ? null : complaint(stderr) || `the installer ended ${killed === null ? `with status ${code ?? "unknown"}` : `by ${killed}`}`); });
    if (signal?.aborted) stop();
  });
