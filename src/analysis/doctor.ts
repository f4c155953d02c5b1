import { execFile, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism, freemem, totalmem } from "node:os";
import type { ProviderName } from "../runtime/session.ts";

/** The hidden argument with which the program's entry tries one provider and ends: `ENTRY --probe-provider NAME`. */
export const PROBE_ARGUMENT = "--probe-provider";

/** What a probing process prints last on its standard output, after PROBE_ARGUMENT as a marker. */
export type ProbeAnswer = { readonly usable: true; readonly onnxruntime: string } | { readonly usable: false; readonly reason: string };

export interface ProviderReport {
  readonly provider: ProviderName;
  readonly usable: boolean;
  /** Why not, in ONNX Runtime's own words: its exception, then what it wrote on standard error; null when usable. */
  readonly reason: string | null;
  readonly seconds: number;
}

/** What `doctor` finds out about this machine. Plain JSON data. */
export interface DoctorReport {
  readonly node: string;
  readonly platform: string;
  /** Null when not even the CPU provider could be loaded. */
  readonly onnxruntime: string | null;
  readonly cores: number;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly gpus: readonly string[];
  readonly providers: readonly ProviderReport[];
}

export interface DoctorOptions {
  /** The script to start with PROBE_ARGUMENT: the bundle of the command line. */
  readonly entry: string;
  readonly providers: readonly ProviderName[];
  readonly signal?: AbortSignal;
  /** Milliseconds after which a probing process is ended. Default 60 000: CUDA may take half a minute at its first start. */
  readonly patience?: number;
}

/** The providers worth trying on a platform; ONNX Runtime has DirectML on Windows only and CoreML on macOS only. */
export const providersOf = (platform: NodeJS.Platform): readonly ProviderName[] => {
  if (platform === "win32") return ["cpu", "cuda", "webgpu", "dml"];
  return platform === "darwin" ? ["cpu", "webgpu", "coreml"] : ["cpu", "cuda", "webgpu"];
};

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** A line without time stamp and places in ONNX Runtime's source. */
const bare = (line: string): string =>
  line
    .replace(/^\d{4}-\d\d-\d\d \S+ \[[A-Z]:[^\]]*\] /, "")
    .replace(/^\/\S+\.(?:cc|cpp|h):\d+ .*?(?:(?=\[ONNXRuntimeError\])| was false\. )/, "")
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /, "")
    .trim();

/** The lines of a standard error that name a cause, without colours, time stamps and places in ONNX Runtime's source. */
export const tellingLines = (text: string): string[] => {
  const lines = text.replace(COLOURS, "").split(/\r?\n/).map(bare);
  const telling = lines.filter((line) => /error|fail|cannot|could not|unable|not found|no such|unsupported|required|abort|terminate/i.test(line) && !line.startsWith("at "));
  return [...new Set(telling)].slice(0, 6);
};

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly how: string;
}

/** Runs the entry with the probing argument to its end; never rejects. */
const runProbe = ({ entry, signal, patience = 60_000 }: DoctorOptions, provider: ProviderName): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, PROBE_ARGUMENT, provider], { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let [stdout, stderr, late] = ["", "", false];
    const stop = (): void => void child.kill("SIGKILL");
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, patience);
    signal?.addEventListener("abort", stop);
    child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const end = (how: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve({ stdout, stderr, how: late ? `no answer after ${patience / 1000} s` : how });
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

const probe = async (options: DoctorOptions, provider: ProviderName): Promise<ProviderReport & { readonly onnxruntime: string | null }> => {
  const begun = performance.now();
  const { stdout, stderr, how } = await runProbe(options, provider);
  const seconds = (performance.now() - begun) / 1000;
  const answer = answerIn(stdout);
  if (answer?.usable === true) return { provider, usable: true, reason: null, seconds, onnxruntime: answer.onnxruntime };
  const said = [bare(answer?.reason ?? how), ...tellingLines(stderr)];
  return { provider, usable: false, reason: said.join(" | "), seconds, onnxruntime: null };
};

const outputOf = (command: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> =>
  new Promise((resolve) => { execFile(command, args, { timeout: 10_000, ...(signal ? { signal } : {}) }, (error, stdout) => { resolve(error ? "" : stdout); }); });

/** NVIDIA GPUs, by nvidia-smi, else by the driver's own list; empty where there is neither. */
const findGpus = async (signal: AbortSignal | undefined): Promise<string[]> => {
  const listed = await outputOf("nvidia-smi", ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"], signal);
  const lines = listed.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length > 0) return lines;
  const folder = "/proc/driver/nvidia/gpus";
  const cards = await readdir(folder).catch(() => []);
  const facts = await Promise.all(cards.map((card) => readFile(`${folder}/${card}/information`, "utf8").catch(() => "")));
  return facts.map((text) => /Model:\s*(.+)/.exec(text)?.[1]?.trim() ?? "NVIDIA GPU");
};

/**
 * Tries each provider in a process of its own, one after another, and gathers what a report of a problem needs. A provider that cannot be
 * used is a finding, not an error. Cost: about a second per provider.
 */
export const diagnose = async (options: DoctorOptions): Promise<DoctorReport> => {
  const tried: Awaited<ReturnType<typeof probe>>[] = [];
  for (const provider of options.providers) tried.push(await probe(options, provider));
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    onnxruntime: tried.find(({ onnxruntime }) => onnxruntime !== null)?.onnxruntime ?? null,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    gpus: await findGpus(options.signal),
    providers: tried.map(({ provider, usable, reason, seconds }) => ({ provider, usable, reason, seconds })),
  };
};
