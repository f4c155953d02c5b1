import { LensError } from "../core/errors.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import { inDouble } from "../autodiff/double.ts";
import type { SampleAxis } from "../autodiff/factor.ts";
import type { Model } from "../onnx/graph.ts";
import { type LoweredModel, lower } from "../onnx/lower.ts";
import { openBatchTracer } from "../onnx/batch/tracer.ts";
import { type Executor, openTracer, type Trace } from "../onnx/trace.ts";
import type { Value } from "../onnx/value.ts";
import { type SampleAxes, sampleAxes } from "./sample-axes.ts";

/** Rows of the input: `count` of them from `from` on, always exactly `count` (the last rows repeat past the end). */
export type Batches = (from: number, count: number) => Tensor;

/** A model made ready for one batch size: canonical steps with static shapes, and where the samples lie in each value. */
export interface Network {
  readonly model: Model;
  readonly lowered: LoweredModel;
  /** Samples in a batch. */
  readonly batch: number;
  /** The output f, of shape [batch, …] with K entries a sample. */
  readonly output: Value;
  /** K. */
  readonly outputs: number;
  readonly axisOf: (value: Value) => SampleAxis | undefined;
  /** Bytes of all values of the forward pass, for one sample. */
  readonly bytesPerSample: number;
}

/** What the network computes in: as the model is stored, or all in float64. */
export type Precision = "single" | "double";

/** A model that networks of any batch size are made from. */
export interface NetworkSource {
  /** The batch size that the model is fixed to; null where it takes any. */
  readonly fixedBatch: number | null;
  /** Cost: lowering; where small batches do not tell the shapes of larger ones, one unoptimised run of `batch` samples. */
  at(batch: number): Promise<Network>;
  dispose(): Promise<void>;
}

const sized = ({ inputs, program }: LoweredModel, batch: number): Parameters<typeof sampleAxes>[0] => ({ inputs, steps: program.steps, batch });

const inputName = (model: Model): string => {
  const names = model.graph.inputs.map((i) => i.name);
  const [only] = names;
  if (only === undefined || names.length > 1) throw new LensError("MODEL_INPUTS", `The model has ${names.length} inputs (${names.join(", ")}); exactly one is supported.`, "Export a model that takes the data as its only input.");
  return only;
};

/** The model with a batch axis of any size: what exporters fix to 1 often works for more. */
const freed = (model: Model): Model => ({
  ...model,
  graph: { ...model.graph, inputs: model.graph.inputs.map((input) => ({ ...input, shape: input.shape && ["batch", ...input.shape.slice(1)] })) },
});

const outputOf = (lowered: LoweredModel, batch: number): Value => {
  const [output] = lowered.program.outputs;
  if (output?.shape[0] !== batch) throw new LensError("MODEL_OUTPUT", `The first output has shape [${output?.shape.join(", ") ?? ""}] for ${batch} samples: its first axis must count the samples.`, "Export a model whose first output is [batch, outputs].");
  return output;
};

const networkOf = (model: Model, lowered: LoweredModel, batch: number, axes: SampleAxes): Network => {
  const output = outputOf(lowered, batch);
  const bytes = lowered.program.steps.reduce((sum, step) => sum + step.outputs.reduce((s, o) => s + 4 * sizeOf(o.shape), 0), 0);
  return { model, lowered, batch, output, outputs: sizeOf(output.shape) / batch, axisOf: (value) => axes.get(value.name), bytesPerSample: bytes / batch };
};

/** A model that runs at its declared batch size only: no sample axis is known, and `at` gives that size whatever is asked for. */
const fixedSource = async (executor: Executor, model: Model, parameters: ReadonlySet<string>, feedsAt: (batch: number) => Readonly<Record<string, Tensor>>, lowered: (trace: Trace) => LoweredModel, batch: number): Promise<NetworkSource> => {
  const tracer = await openTracer(executor, model, parameters);
  return {
    fixedBatch: batch,
    at: async () => networkOf(model, lowered(await tracer.trace(feedsAt(batch))), batch, new Map()),
    dispose: () => tracer.dispose(),
  };
};

/**
 * Loads a model for tracing. The sample axis of every value is found by comparing two lowerings; a model that runs at its declared batch
 * size only has none.
 * @throws LensError MODEL_INPUTS, MODEL_OUTPUT, and what tracing and lowering throw.
 */
export const openNetworkSource = async (executor: Executor, model: Model, parameters: readonly string[], batches: Batches, precision: Precision = "single"): Promise<NetworkSource> => {
  const input = inputName(model);
  const names = new Set(parameters);
  const feedsAt = (batch: number): Readonly<Record<string, Tensor>> => ({ [input]: batches(0, batch) });
  const loweredFrom = (trace: Trace): LoweredModel => {
    const lowered = lower(trace, parameters, executor.capabilities);
    return precision === "double" ? inDouble(lowered) : lowered;
  };
  const tracer = await openBatchTracer(executor, freed(model), names, feedsAt);
  const declared = model.graph.inputs[0]?.shape?.[0];
  let two: LoweredModel;
  try {
    two = loweredFrom(await tracer.at(2));
  } catch (error) {
    await tracer.dispose();
    if (typeof declared !== "number" || !(error instanceof LensError) || error.code !== "RUNTIME_RUN") throw error;
    return fixedSource(executor, model, names, feedsAt, loweredFrom, declared);
  }
  return {
    fixedBatch: null,
    async at(batch) {
      const lowered = loweredFrom(await tracer.at(batch));
      const other = batch === 2 ? loweredFrom(await tracer.at(3)) : two;
      return networkOf(model, lowered, batch, sampleAxes(sized(lowered, batch), sized(other, batch === 2 ? 3 : 2)));
    },
    dispose: () => tracer.dispose(),
  };
};

/** The network differentiated with respect to some of its parameters only; the others stay inputs. */
export const restrictedTo = (network: Network, names: ReadonlySet<string>): Network => ({
  ...network,
  lowered: { ...network.lowered, parameters: network.lowered.parameters.filter((p) => names.has(p.name)) },
});

/** One network at one batch size: `openNetworkSource`, and its session given back. */
export const prepare = async (executor: Executor, model: Model, parameters: readonly string[], batches: Batches, batch: number): Promise<Network> => {
  const source = await openNetworkSource(executor, model, parameters, batches);
  try {
    return await source.at(batch);
  } finally {
    await source.dispose();
  }
};
