import { LensError } from "../core/errors.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { SampleAxis } from "../autodiff/factor.ts";
import type { Model } from "../onnx/graph.ts";
import { type LoweredModel, lower } from "../onnx/lower.ts";
import { type Executor, trace } from "../onnx/trace.ts";
import type { Value } from "../onnx/value.ts";

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

/** Sample axes from two lowerings of one model at different batch sizes: the one axis whose size grows with the batch. */
const sampleAxes = (a: LoweredModel, batchA: number, b: LoweredModel, batchB: number): ReadonlyMap<string, SampleAxis> => {
  const axes = new Map<string, SampleAxis>();
  const compare = (x: Value, y: Value | undefined): void => {
    if (!y || x.shape.length !== y.shape.length) return;
    const differing = x.shape.flatMap((d, axis) => (d === y.shape[axis] ? [] : [axis]));
    const [axis] = differing;
    if (axis === undefined || differing.length > 1) return;
    const multiple = (x.shape[axis] ?? 0) / batchA;
    if (Number.isInteger(multiple) && (y.shape[axis] ?? 0) === multiple * batchB) axes.set(x.name, { axis, multiple });
  };
  a.inputs.forEach((input, i) => { compare(input, b.inputs[i]); });
  a.program.steps.forEach((step, i) => {
    const other = b.program.steps[i];
    if (other?.op === step.op) step.outputs.forEach((output, place) => { compare(output, other.outputs[place]); });
  });
  return axes;
};

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

const lowerAt = async (executor: Executor, model: Model, parameters: readonly string[], batches: Batches, batch: number): Promise<LoweredModel> =>
  lower(await trace(executor, model, new Set(parameters), { [inputName(model)]: batches(0, batch) }), parameters);

const outputOf = (lowered: LoweredModel, batch: number): Value => {
  const [output] = lowered.program.outputs;
  if (!output || output.shape[0] !== batch) throw new LensError("MODEL_OUTPUT", `The first output has shape [${output?.shape.join(", ") ?? ""}] for ${batch} samples: its first axis must count the samples.`, "Export a model whose first output is [batch, outputs].");
  return output;
};

/**
 * Traces and lowers a model at `batch` samples, and once more at another size to find the sample axis of every value. Where the model
 * runs at one batch size only (its declared one), that size is taken and no sample axis is known.
 * @throws LensError MODEL_INPUTS, MODEL_OUTPUT, and what trace and lower throw.
 */
export const prepare = async (executor: Executor, model: Model, parameters: readonly string[], batches: Batches, batch: number): Promise<Network> => {
  const open = freed(model);
  const finish = (lowered: LoweredModel, size: number, axes: ReadonlyMap<string, SampleAxis>): Network => {
    const output = outputOf(lowered, size);
    const bytes = lowered.program.steps.reduce((sum, step) => sum + step.outputs.reduce((s, o) => s + 4 * sizeOf(o.shape), 0), 0);
    return { model, lowered, batch: size, output, outputs: sizeOf(output.shape) / size, axisOf: (value) => axes.get(value.name), bytesPerSample: bytes / size };
  };
  const declared = model.graph.inputs[0]?.shape?.[0];
  try {
    const lowered = await lowerAt(executor, open, parameters, batches, batch);
    const other = batch === 2 ? 3 : 2;
    return finish(lowered, batch, sampleAxes(lowered, batch, await lowerAt(executor, open, parameters, batches, other), other));
  } catch (error) {
    if (typeof declared !== "number" || !(error instanceof LensError) || error.code !== "RUNTIME_RUN") throw error;
    return finish(await lowerAt(executor, model, parameters, batches, declared), declared, new Map());
  }
};
