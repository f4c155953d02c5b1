import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { COMPUTING_ENVIRONMENT } from "../core/computing-environment.ts";
import { removeProfiles } from "../system/profiles.ts";
import { remedyFor } from "./remedies.ts";
import type { Adapter, ProviderName } from "./session.ts";
import { bareLine, tellingLines } from "./telling-lines.ts";

/** The hidden argument with which a program's entry tries one provider and ends: `ENTRY --probe-provider NAME [DEVICE]`. */
export const PROBE_ARGUMENT = "--probe-provider";

/** What a probing process prints last on its standard output, after PROBE_ARGUMENT as a marker. */
export type ProbeAnswer = { readonly usable: true; readonly onnxruntime: string; readonly adapter?: Adapter | null } | { readonly usable: false; readonly reason: string };

/** How trying one provider went. Plain JSON data. */
export interface ProviderTrial {
  readonly provider: ProviderName;
  readonly usable: boolean;
  /** Why not, in ONNX Runtime's own words: its exception, then what it wrote on standard error; null when usable. */
  readonly reason: string | null;
  /** What to do about the reason; null when usable, or when the reason is none that is known. */
  readonly remedy: string | null;
  /** The device that graphs ran on, where the process could tell. */
  readonly adapter: Adapter | null;
  /** Version of ONNX Runtime; null when not usable. */
  readonly onnxruntime: string | null;
  readonly seconds: number;
}

/** Set for a probing process that was given a lifeline (src/worker/lifeline.ts) as descriptor 4: it ends with this one, however this one ends. */
export const LIFELINE_VARIABLE = "JACOBIAN_LENS_LIFELINE";

export interface TrialOptions {
  /** The script to start with PROBE_ARGUMENT: the bundle of the command line or of the worker. */
  readonly entry: string;
  readonly deviceId?: number | undefined;
  /** An abort ends the process that runs; after it none is started. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which a probing process is ended. Default 60 000: CUDA may take half a minute at its first start. */
  readonly patience?: number;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly how: string;
}

/** Runs the entry with the probing argument to its end; never rejects. */
const runProbe = ({ entry, deviceId, signal, patience = 60_000 }: TrialOptions, provider: ProviderName): Promise<Ended> =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve({ stdout: "", stderr: "", how: "it was not tried: the user stopped" });
      return;
    }
    const device = deviceId === undefined ? [] : [String(deviceId)];
    const child = spawn(process.execPath, [entry, PROBE_ARGUMENT, provider, ...device], { stdio: ["ignore", "pipe", "pipe", "ignore", "pipe"], windowsHide: true, env: { ...COMPUTING_ENVIRONMENT, ...process.env, [LIFELINE_VARIABLE]: "4" } });
    const lifeline = child.stdio[4];
    // What is not read would keep "close" from coming; a broken line ends with the process.
    if (lifeline instanceof Readable) lifeline.on("error", () => undefined).resume();
    let [stdout, stderr, late] = ["", "", false];
    const stop = (): void => void child.kill("SIGKILL");
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, patience);
    signal?.addEventListener("abort", stop);
    child.stdout?.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr?.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const end = (how: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      const ended = { stdout, stderr, how: late ? `no answer after ${patience / 1000} s` : how };
      void removeProfiles(child.pid).then(() => { resolve(ended); });
    };
    child.on("error", (error) => { end(error.message); });
    child.on("close", (code, killed) => { end(killed === null ? `the process ended with status ${code ?? "unknown"}` : `the process was ended by ${killed}`); });
  });

const answerIn = (stdout: string): ProbeAnswer | undefined => {
  const at = stdout.lastIndexOf(`${PROBE_ARGUMENT} {`);
  if (at < 0) return undefined;
  try {
    return JSON.parse(stdout.slice(at + PROBE_ARGUMENT.length).trim()) as ProbeAnswer;
  } catch {
    return undefined;
  }
};

/**
 * Tries one provider in a process of its own, which native code may end as it likes. A provider that cannot be used is a finding, not an
 * error: never rejects. Cost: 0.2 to 1 s.
 */
export const tryProvider = async (options: TrialOptions, provider: ProviderName): Promise<ProviderTrial> => {
  const begun = performance.now();
  const { stdout, stderr, how } = await runProbe(options, provider);
  const seconds = (performance.now() - begun) / 1000;
  const answer = answerIn(stdout);
  if (answer?.usable === true) return { provider, usable: true, reason: null, remedy: null, adapter: answer.adapter ?? null, onnxruntime: answer.onnxruntime, seconds };
  const reason = [...new Set([bareLine(answer?.reason ?? how), ...tellingLines(stderr)])].join(" | ");
  return { provider, usable: false, reason, remedy: remedyFor(provider, reason), adapter: null, onnxruntime: null, seconds };
};
