import "./own-environment.ts";
import * as ort from "onnxruntime-node";
import type { DType, Tensor } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { isOutOfMemory } from "./memory-errors.ts";
import { ProfileFolder } from "./profile-folder.ts";
import { ProofKeeper } from "./proof.ts";
import type { FallbackNode, ProviderName, Runtime, RuntimeOptions, Session, SessionOptions } from "./session.ts";

/** Types that ONNX Runtime's tensors and ours share, under the same names. */
const HELD = new Set<string>(["float32", "float64", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool"]);

const isHeld = (type: string): type is DType => HELD.has(type);

/** What an error says, in one line. */
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().replace(/\s*[\r\n]+\s*/g, " ");

const providerConfig = (name: ProviderName, deviceId: number | undefined): ort.InferenceSession.ExecutionProviderConfig => {
  // NHWC grouped convolutions are silently wrong on WebGPU (DESIGN §4).
  if (name === "webgpu") return { name, preferredLayout: "NCHW" };
  return deviceId !== undefined && (name === "cuda" || name === "dml") ? { name, deviceId } : name;
};

const toOrt = (tensor: Tensor): ort.Tensor => new ort.Tensor(tensor.dtype, tensor.data as Float32Array, tensor.shape);

const fromOrt = (name: string, tensor: ort.Tensor): Tensor => {
  if (!isHeld(tensor.type)) throw new LensError("RUNTIME_DTYPE", `Output "${name}" has element type ${tensor.type}, which is not supported.`, "Export the model in float32.");
  return { dtype: tensor.type, shape: tensor.dims, data: tensor.data } as Tensor;
};

/** An error of ONNX Runtime as ours; memory that ran out has a code of its own, because a smaller batch may do. */
const refused = (code: "RUNTIME_LOAD" | "RUNTIME_RUN", doing: string, error: unknown, hint: string): LensError =>
  isOutOfMemory(message(error))
    ? new LensError("RUNTIME_MEMORY", `ONNX Runtime ran out of memory: ${message(error)}`, "Take a smaller batch (--batch), or a device with more memory.", { cause: error })
    : new LensError(code, `ONNX Runtime ${doing}: ${message(error)}`, hint, { cause: error });

/** ONNX Runtime logs no errors: what it would write there it throws as well. */
const FATAL = 4;

/** Of devices it also logs the causes, which it does not throw: libraries that are missing or do not fit. */
const ERRORS = 3;

class OrtSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly outputTypes: Readonly<Record<string, DType | null>>;
  #profiled: (() => void) | null;

  /** `profiled` is called once, after the first run. @throws what it throws. */
  constructor(private readonly session: ort.InferenceSession, profiled: (() => void) | null) {
    this.#profiled = profiled;
    this.inputs = session.inputNames;
    this.outputs = session.outputNames;
    this.outputTypes = Object.fromEntries(session.outputMetadata.map((m) => [m.name, m.isTensor && isHeld(m.type) ? m.type : null]));
  }

  async run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[] = this.outputs): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    let outputs: ort.InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run(inputs, [...fetches], { logSeverityLevel: FATAL });
    } catch (error) {
      throw refused("RUNTIME_RUN", "could not run the graph", error, "Check that the data fit the model's inputs; if they do, report this as a defect.");
    }
    this.#endProfile();
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
  }

  #endProfile(): void {
    const profiled = this.#profiled;
    this.#profiled = null;
    profiled?.();
  }

  async dispose(): Promise<void> {
    try {
      this.#endProfile();
    } finally {
      await this.session.release();
    }
  }
}

/** Fusions that keep a scalar factor of a product as a float32 attribute: float64 graphs would be right to seven digits only. */
const ROUNDING_FUSIONS = "MatMulScaleFusion";

/** ONNX Runtime's own guarantee that no node of a graph is left to the CPU. */
const STRICT = { disable_cpu_ep_fallback: "1" };

/**
 * Threads of a session that waits do not spin: an analysis has several sessions, and on few cores those that wait would take the time of the
 * one that runs (measured on two: 1.6 times as long for a perceptron).
 */
const QUIET = { force_spinning_stop: "1" };

const isFallbackForbidden = (error: unknown): boolean => /fallback to (?:the )?CPU/i.test(message(error));

/** @throws LensError RUNTIME_FALLBACK when strict and there are any. */
const refuseFallback = (provider: ProviderName, nodes: readonly FallbackNode[]): void => {
  if (nodes.length === 0) return;
  const named = [...new Set(nodes.map(({ name, operator }) => (name === "" ? operator : `${operator} (node "${name}")`)))];
  const shown = named.length > 8 ? `${named.slice(0, 8).join(", ")} and ${named.length - 8} more` : named.join(", ");
  throw new LensError("RUNTIME_FALLBACK", `Provider ${provider} left ${nodes.length} of the graph's nodes to the CPU, which --strict-provider forbids: ${shown}.`, "Leave --strict-provider out: the result then lists these nodes; or use a provider that has these operators.");
};

/** One runtime: a provider, its options, and the record of what ran where. */
class OrtRuntime implements Runtime {
  readonly version = ort.env.versions.node ?? ort.env.versions.common;
  readonly capabilities;
  readonly #proof = new ProofKeeper();

  constructor(readonly provider: ProviderName, readonly threads: number, private readonly options: RuntimeOptions) {
    this.capabilities = capabilitiesOf(provider);
  }

  async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const onHost = options.place === "host" || this.provider === "cpu";
    if (options.place === "host" && this.provider !== "cpu" && options.purpose !== undefined) this.#proof.onHost(options.purpose);
    try {
      if (onHost) return new OrtSession(await this.#create(model, options, "cpu", {}), null);
      return await this.#onDevice(model, options);
    } catch (error) {
      if (error instanceof LensError) throw error;
      throw refused("RUNTIME_LOAD", `(${onHost ? "cpu" : this.provider}) could not load the graph`, error, "Check the model with onnx.checker, and that this version of ONNX Runtime knows its operators.");
    }
  }

  proof = (): ReturnType<ProofKeeper["get"]> => this.#proof.get();

  /** A session on the device, whose first run is profiled: what it says of each node is what ran, not what was asked for. */
  async #onDevice(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const { strict = false } = this.options;
    const folder = new ProfileFolder();
    const profiling = { enableProfiling: true, profileFilePrefix: folder.prefix };
    let session: ort.InferenceSession;
    try {
      session = await this.#create(model, options, this.provider, profiling, strict ? STRICT : {});
    } catch (error) {
      // ONNX Runtime refuses without a name: loaded again, the first run tells which nodes they are, and is refused then.
      if (!strict || !isFallbackForbidden(error)) {
        folder.take();
        throw error;
      }
      session = await this.#create(model, options, this.provider, profiling);
    }
    return new OrtSession(session, () => {
      session.endProfiling();
      const runs = folder.take();
      const fallen = options.recorded === false ? [] : this.#proof.add(runs, false);
      if (strict) refuseFallback(this.provider, fallen);
    });
  }

  /** A session, without ONNX Runtime's optimiser where that makes graphs that its kernels refuse (padding taken into an average pooling as wide as its windows). */
  async #create(model: Uint8Array, { optimise }: SessionOptions, provider: ProviderName, more: ort.InferenceSession.SessionOptions, session: Readonly<Record<string, string>> = {}): Promise<ort.InferenceSession> {
    if (optimise === "none") return this.#createAt("disabled", model, provider, more, session);
    try {
      return await this.#createAt("basic", model, provider, more, session);
    } catch (error) {
      if (isOutOfMemory(message(error)) || isFallbackForbidden(error)) throw error;
      return this.#createAt("disabled", model, provider, more, session).catch(() => { throw error; });
    }
  }

  #createAt(level: "basic" | "disabled", model: Uint8Array, provider: ProviderName, more: ort.InferenceSession.SessionOptions, session: Readonly<Record<string, string>>): Promise<ort.InferenceSession> {
    return ort.InferenceSession.create(model, {
      executionProviders: [providerConfig(provider, this.options.deviceId)],
      graphOptimizationLevel: level,
      logSeverityLevel: provider === "cpu" ? FATAL : ERRORS,
      // On the CPU a planned block for all intermediates comes on top of the arena of the first run: twice the memory, and no faster (measured).
      enableMemPattern: provider !== "cpu",
      ...more,
      extra: { session: { ...QUIET, ...session }, optimization: { disable_specified_optimizers: ROUNDING_FUSIONS } },
      ...(this.threads > 0 ? { intraOpNumThreads: this.threads } : {}),
    });
  }
}

/**
 * ONNX Runtime with one execution provider. Nothing is created before the first `load`, which throws where the provider cannot be used.
 * `threads`: 0 leaves the number to ONNX Runtime. The first run of each graph on another provider than the CPU is profiled (`proof`).
 */
export const openRuntime = (name: ProviderName, threads = 0, options: RuntimeOptions = {}): Runtime => new OrtRuntime(name, threads, options);
