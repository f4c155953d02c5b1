import { createRequire } from "node:module";
import { availableParallelism, freemem, totalmem } from "node:os";
import path from "node:path";
import { COMPUTING_ENVIRONMENT } from "../core/computing-environment.ts";
import { throwIfAborted } from "../core/errors.ts";
import { failsToLoad } from "../core/library-failure.ts";
import { type DeviceMemory, deviceMemory } from "../gpu-setup/device-memory.ts";
import { inspectGpu } from "../gpu-setup/inspect.ts";
import { nodeMachine } from "../gpu-setup/node-machine.ts";
import type { GpuReport } from "../gpu-setup/report.ts";
import { deviceError, takesDevice } from "../runtime/provider-order.ts";
import { type ProviderTrial, tryProvider } from "../runtime/provider-trial.ts";
import type { ProviderName } from "../runtime/session.ts";
import { explained } from "./refusal.ts";

/** The hidden argument with which a program's entry tries one provider and ends; `answerProbe` is what it does then. */
export { LIFELINE_VARIABLE, PROBE_ARGUMENT } from "../runtime/provider-trial.ts";

export interface ProviderReport extends Omit<ProviderTrial, "onnxruntime"> {
  /** Memory of the device that it was usable on, when it was looked at; null on the CPU and where that is not told, absent where it is refused. */
  readonly memory?: DeviceMemory | null;
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
  /** What was found of GPUs, drivers and libraries; null when onnxruntime-node is not beside the program. */
  readonly gpu: GpuReport | null;
  readonly providers: readonly ProviderReport[];
}

export interface DoctorOptions {
  /** The script to start with PROBE_ARGUMENT: the bundle of the command line. */
  readonly entry: string;
  readonly providers: readonly ProviderName[];
  /** Number of the GPU, from 0, for the providers that take one. */
  readonly deviceId?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which a probing process is ended. Default 60 000: CUDA may take half a minute at its first start. */
  readonly patience?: number;
}

/** The providers worth trying on a platform; ONNX Runtime has DirectML on Windows only and CoreML on macOS only. */
export const providersOf = (platform: NodeJS.Platform): readonly ProviderName[] => {
  if (platform === "win32") return ["cpu", "cuda", "webgpu", "dml"];
  return platform === "darwin" ? ["cpu", "webgpu", "coreml"] : ["cpu", "cuda", "webgpu"];
};

/** The onnxruntime-node that a script would load; null when it would find none. */
const packageFolder = (entry: string): string | null => {
  try {
    return path.dirname(createRequire(path.resolve(entry)).resolve("onnxruntime-node/package.json"));
  } catch {
    return null;
  }
};

/** The device number for a provider, where it takes one. */
const deviceFor = (provider: ProviderName, { deviceId }: DoctorOptions): number | undefined => (takesDevice(provider) ? deviceId : undefined);

/** @throws LensError RUNTIME_DEVICE where none of the providers takes the number, CANCELLED. */
const tryAll = async (options: DoctorOptions): Promise<readonly ProviderTrial[]> => {
  const unfit = options.providers.map((provider) => deviceError(provider, options.deviceId));
  const last = unfit.at(-1);
  if (last && !unfit.includes(null)) throw last;
  const tried: ProviderTrial[] = [];
  for (const provider of options.providers) {
    throwIfAborted(options.signal);
    tried.push(await tryProvider({ ...options, deviceId: deviceFor(provider, options) }, provider));
  }
  throwIfAborted(options.signal);
  return tried;
};

/**
 * Tries each provider in a process of its own, one after another, and gathers what a report of a problem needs, of the devices that an analysis
 * would see. A provider that cannot be used is a finding, not an error. Cost: about a second per provider. @throws LensError RUNTIME_DEVICE, CANCELLED
 */
export const diagnose = async (options: DoctorOptions): Promise<DoctorReport> => {
  const tried = await tryAll(options);
  const folder = packageFolder(options.entry);
  const machine = nodeMachine({ env: { ...COMPUTING_ENVIRONMENT, ...process.env }, signal: options.signal });
  const gpu = folder === null ? null : await inspectGpu(machine, { packageFolder: folder });
  const providers: ProviderReport[] = [];
  for (const { onnxruntime: _, ...trial } of tried) {
    // Where ONNX Runtime itself cannot be loaded, nothing that its providers need is what stands in the way.
    const report = failsToLoad(trial.reason ?? "") ? trial : explained(trial, gpu);
    providers.push(trial.usable ? { ...report, memory: await deviceMemory(machine, { ...trial, deviceId: deviceFor(trial.provider, options) }) } : report);
  }
  throwIfAborted(options.signal);
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    onnxruntime: tried.find(({ onnxruntime }) => onnxruntime !== null)?.onnxruntime ?? null,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    gpu,
    providers,
  };
};
