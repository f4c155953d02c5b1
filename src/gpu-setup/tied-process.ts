import { spawn } from "node:child_process";
import { Readable } from "node:stream";

/** Set for a process that was given a lifeline (src/worker/lifeline.ts) as descriptor 4: whoever has a thread hold it ends with its parent. */
export const LIFELINE_VARIABLE = "JACOBIAN_LENS_LIFELINE";

const DESCRIPTOR = 4;

export interface TiedProcess {
  /** Full path of the script. It holds its lifeline itself. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Where it runs. Default: where this process does. */
  readonly folder?: string;
  /** Its whole environment, but for what is added here. */
  readonly environment: NodeJS.ProcessEnv;
  /** Kills it. */
  readonly signal?: AbortSignal | undefined;
  /** Hears its standard output as it comes. */
  readonly heard?: (piece: string) => void;
}

/** How a process ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Null for status 0; else how it ended, in words. */
  readonly failure: string | null;
}

/**
 * Runs a script with this process's Node to its end, tied to this process: a pipe is open between the two until one of them has ended. VS Code's
 * own executable is Electron: ELECTRON_RUN_AS_NODE makes it behave as Node. Never rejects.
 */
export const runTied = ({ script, args = [], folder, environment, signal, heard }: TiedProcess): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...environment, ...("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {}), [LIFELINE_VARIABLE]: String(DESCRIPTOR) },
      stdio: ["ignore", "pipe", "pipe", "ignore", "pipe"],
      windowsHide: true,
    });
    const lifeline = child.stdio[DESCRIPTOR];
    // What is not read would keep "close" from coming; a broken line ends with the process.
    if (lifeline instanceof Readable) lifeline.on("error", () => undefined).resume();
    let [stdout, stderr] = ["", ""];
    const stop = (): void => void child.kill("SIGKILL");
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout?.on("data", (piece: Buffer) => {
      stdout += piece.toString();
      heard?.(piece.toString());
    });
    child.stderr?.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const end = (failure: string | null): void => {
      signal?.removeEventListener("abort", stop);
      resolve({ stdout, stderr, failure });
    };
    child.on("error", (error) => { end(error.message); });
    child.on("close", (code, killed) => { end(code === 0 ? null : killed === null ? `ended with status ${code ?? "unknown"}` : `was ended by ${killed}`); });
    if (signal?.aborted) stop();
  });

/** What a Node program's last words say was wrong; without words, how it ended. */
export const complaint = ({ stderr, failure }: Ended): string => {
  const last = /^\s*(?:\w*Error: )(.+)$/m.exec(stderr)?.[1] ?? stderr.trim().split("\n").pop() ?? "";
  return last === "" ? `the process ${failure ?? "ended"}` : last.trim();
};
