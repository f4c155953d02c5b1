import { LensError, throwIfAborted } from "../core/errors.ts";
import { type DeviceMemory, deviceMemory } from "../gpu-setup/device-memory.ts";
import { nodeMachine } from "../gpu-setup/node-machine.ts";
import { openRuntime } from "../runtime/ort.ts";
import { automaticOrder, deviceError, noGpuHere } from "../runtime/provider-order.ts";
import { type ProviderTrial, tryProvider } from "../runtime/provider-trial.ts";
import { remedyFor } from "../runtime/remedies.ts";
import type { Adapter, ProviderName, Refusal, Runtime } from "../runtime/session.ts";
import type { FilledRequest } from "./defaults.ts";

/** An execution engine, and how it came to be this one. */
export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** The device it computes on, where that is known. */
  readonly adapter: Adapter | null;
  /** The providers that were tried before it, and why they are not in use. */
  readonly refused: readonly Refusal[];
  /** Asks for the memory of its device, as it is then; null, or absent, where that is not known. Never rejects. */
  readonly memory?: () => Promise<DeviceMemory | null>;
}

export interface ChoiceOptions {
  /** Providers that failed in this analysis already: `auto` passes over them. */
  readonly without: readonly Refusal[];
  readonly signal?: AbortSignal | undefined;
}

/** Gives the engine that a request asks for. @throws LensError RUNTIME_PROVIDER, RUNTIME_DEVICE, JACOBIAN_PRECISION, CANCELLED. */
export type RuntimeSource = (request: FilledRequest, options: ChoiceOptions) => Promise<ChosenRuntime>;

const DOCTOR = "`jacobian-lens doctor` lists what was tried and what each provider needs.";

/** How one provider is tried; remembered by a source for its lifetime. */
export type Trial = (provider: ProviderName, deviceId: number | undefined, signal: AbortSignal | undefined) => Promise<ProviderTrial>;

/** Trials by processes of `entry`, each made once. */
const rememberedTrials = (entry: string): Trial => {
  const known = new Map<string, ProviderTrial>();
  return async (provider, deviceId, signal) => {
    const key = `${provider} ${deviceId ?? ""}`;
    const trial = known.get(key) ?? (await tryProvider({ entry, deviceId, signal }, provider));
    throwIfAborted(signal);
    known.set(key, trial);
    return trial;
  };
};

const refusal = (provider: ProviderName, reason: string, remedy = remedyFor(provider, reason)): Refusal => ({ provider, reason, remedy });

const openFor = (provider: ProviderName, { deviceId, strictProvider }: FilledRequest): Runtime =>
  openRuntime(provider, 0, { ...(deviceId === undefined ? {} : { deviceId }), ...(strictProvider === true ? { strict: true } : {}) });

/** An engine on `provider`, whose device is `adapter`. */
const opened = (provider: ProviderName, request: FilledRequest, adapter: Adapter | null, refused: readonly Refusal[], signal: AbortSignal | undefined): ChosenRuntime => {
  const chosen = { runtime: openFor(provider, request), adapter, refused };
  if (provider === "cpu") return chosen;
  const machine = nodeMachine({ signal });
  return { ...chosen, memory: () => deviceMemory(machine, { provider, deviceId: request.deviceId, adapter }) };
};

/** The provider that was asked for by name, or an error: never another one. */
const named = async (provider: ProviderName, request: FilledRequest, trial: Trial | null, signal: AbortSignal | undefined): Promise<ChosenRuntime> => {
  const { deviceId, precision } = request;
  if (precision === "double" && provider !== "cpu") throw new LensError("JACOBIAN_PRECISION", `Provider ${provider} has no float64 kernels for networks.`, "Use --precision single, or --provider cpu.");
  const unfit = deviceError(provider, deviceId);
  if (unfit) throw unfit;
  if (provider === "cpu" || trial === null) return opened(provider, request, null, [], signal);
  const { usable, reason, remedy, adapter } = await trial(provider, deviceId, signal);
  if (!usable) throw new LensError("RUNTIME_PROVIDER", `Provider ${provider} cannot be used: ${reason ?? "it did not say why"}`, remedy === null ? DOCTOR : `${remedy} ${DOCTOR}`);
  return opened(provider, request, adapter, [], signal);
};

/** Why `auto` does not take a provider; null where it does. A software driver computes on the CPU, slower than the CPU provider does. */
const reasonAgainst = async (provider: ProviderName, { deviceId }: FilledRequest, trial: Trial, signal: AbortSignal | undefined): Promise<Refusal | ProviderTrial> => {
  const absent = noGpuHere();
  if (absent !== null) return refusal(provider, absent);
  if (deviceError(provider, deviceId)) return refusal(provider, `provider ${provider} takes no device number`, null);
  const tried = await trial(provider, deviceId, signal);
  if (!tried.usable) return refusal(provider, tried.reason ?? "it did not say why", tried.remedy);
  return tried.adapter?.software === true ? refusal(provider, `only a software driver answers (${tried.adapter.name})`) : tried;
};

/** The first provider of the platform's order that is usable. */
const automatic = async (request: FilledRequest, trial: Trial | null, { without, signal }: ChoiceOptions): Promise<ChosenRuntime> => {
  const refused: Refusal[] = [];
  const cpu = (): ChosenRuntime => opened("cpu", request, null, refused, signal);
  if (trial === null || request.precision === "double") return cpu();
  for (const provider of automaticOrder(process.platform, process.arch)) {
    if (provider === "cpu") break;
    const found = without.find((r) => r.provider === provider) ?? (await reasonAgainst(provider, request, trial, signal));
    if ("usable" in found) return opened(provider, request, found.adapter, refused, signal);
    refused.push(found);
  }
  return cpu();
};

const sources = new Map<string, RuntimeSource>();

/** Engines tried by `trial`; without one `auto` is the CPU and a provider named is taken at its word. */
export const runtimesTriedBy = (trial: Trial | null): RuntimeSource => (request, options) =>
  request.provider === "auto" ? automatic(request, trial, options) : named(request.provider, request, trial, options.signal);

/** The engines of this computer. `entry`: a script that answers PROBE_ARGUMENT; each provider is tried in a process of it, once for this process's lifetime. */
export const localRuntimes = (entry: string | null): RuntimeSource => {
  if (entry === null) return runtimesTriedBy(null);
  const source = sources.get(entry) ?? runtimesTriedBy(rememberedTrials(entry));
  sources.set(entry, source);
  return source;
};
