import * as ort from "onnxruntime-node";
import type { DType, Tensor } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import type { ProviderName, Runtime, Session, SessionOptions } from "./session.ts";

/** Types that ONNX Runtime's tensors and ours share, under the same names. */
const HELD = new Set<string>(["float32", "float64", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool"]);

const isHeld = (type: string): type is DType => HELD.has(type);

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const provider = (name: ProviderName): ort.InferenceSession.ExecutionProviderConfig =>
  // NHWC grouped convolutions are silently wrong on WebGPU (DESIGN §4).
  name === "webgpu" ? { name: "webgpu", preferredLayout: "NCHW" } : name;

const toOrt = (tensor: Tensor): ort.Tensor => new ort.Tensor(tensor.dtype, tensor.data as Float32Array, tensor.shape);

const fromOrt = (name: string, tensor: ort.Tensor): Tensor => {
  if (!isHeld(tensor.type)) throw new LensError("RUNTIME_DTYPE", `Output "${name}" has element type ${tensor.type}, which is not supported.`, "Export the model in float32.");
  return { dtype: tensor.type, shape: tensor.dims, data: tensor.data } as Tensor;
};

class OrtSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly outputTypes: Readonly<Record<string, DType | null>>;

  constructor(private readonly session: ort.InferenceSession) {
    this.inputs = session.inputNames;
    this.outputs = session.outputNames;
    this.outputTypes = Object.fromEntries(session.outputMetadata.map((m) => [m.name, m.isTensor && isHeld(m.type) ? m.type : null]));
  }

  async run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[] = this.outputs): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    let outputs: ort.InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run(inputs, [...fetches]);
    } catch (error) {
      throw new LensError("RUNTIME_RUN", `ONNX Runtime could not run the graph: ${message(error)}`, "Check that the data fit the model's inputs; if they do, report this as a defect.", { cause: error });
    }
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/** Fusions that keep a scalar factor of a product as a float32 attribute: float64 graphs would be right to seven digits only. */
const ROUNDING_FUSIONS = "MatMulScaleFusion";

/**
 * ONNX Runtime with one execution provider. Nothing is created before the first `load`, which throws where the provider cannot be used.
 * `threads`: 0 leaves the number to ONNX Runtime.
 */
export const openRuntime = (name: ProviderName, threads = 0): Runtime => ({
  provider: name,
  version: ort.env.versions.node ?? ort.env.versions.common,
  threads,
  async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [provider(name)],
        graphOptimizationLevel: options.optimise === "none" ? "disabled" : "all",
        logSeverityLevel: 3,
        extra: { optimization: { disable_specified_optimizers: ROUNDING_FUSIONS } },
        ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
      });
      return new OrtSession(session);
    } catch (error) {
      throw new LensError("RUNTIME_LOAD", `ONNX Runtime (${name}) could not load the graph: ${message(error)}`, "Check the model with onnx.checker, and that this version of ONNX Runtime knows its operators.", { cause: error });
    }
  },
});
