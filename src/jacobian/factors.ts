import { throwIfAborted } from "../core/errors.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { Executor } from "../onnx/trace.ts";
import { type Compiled, compile } from "./compiled.ts";
import type { FactorProgram } from "./factor-program.ts";
import type { Batches } from "./network.ts";

type Floats = Float32Array | Float64Array;

/** What the blocks of a factor program are for a range of samples: sample-major, [samples, …] and [samples·K, …]. */
export interface BlockValues {
  readonly a: Floats | null;
  readonly g: Floats;
}

/**
 * The cotangents of one batch for output k: [batch, K]. For the plain Jacobian every sample's row is e_k; for the Gauss–Newton form it is
 * column k of the loss's L_i (THEORY §1), which needs the outputs f.
 */
export type Cotangents = (outputs: Tensor, k: number) => Tensor;

export interface CompiledFactors {
  readonly program: FactorProgram;
  readonly first: Compiled;
  readonly second: Compiled;
  dispose(): Promise<void>;
}

export const compileFactors = async (executor: Executor, program: FactorProgram): Promise<CompiledFactors> => {
  const first = await compile(executor, program.stages.first);
  const second = await compile(executor, program.stages.second);
  return { program, first, second, dispose: async () => { await first.dispose(); await second.dispose(); } };
};

/** An empty array of the type that the network computes in. */
const allocate = (like: Tensor, length: number): Floats => (like.dtype === "float64" ? new Float64Array(length) : new Float32Array(length));

const floats = (tensor: Tensor | undefined): Floats => {
  if (tensor?.dtype === "float32" || tensor?.dtype === "float64") return tensor.data;
  throw new Error("factors are floating tensors");
};

/** Everything that one pass over samples [from, to) yields. */
export interface Pass {
  readonly blocks: readonly BlockValues[];
  /** f, [to − from, K]. */
  readonly outputs: Floats;
  /** Gradients of the parameters without structure, [(to − from)·K, size], one for each. */
  readonly solo: readonly Floats[];
}

interface PassRequest {
  readonly compiled: CompiledFactors;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly cotangents: Cotangents;
  readonly from: number;
  readonly to: number;
  readonly signal?: AbortSignal | undefined;
  readonly done: (samples: number) => void;
}

/** Copies rows of a batch's result, [batch, width], to their places in a sample-major store: sample i goes to row i·stride + offset. */
const scatterRows = (source: Floats, target: Floats, width: number, count: number, at: number, stride: number, offset: number): void => {
  for (let i = 0; i < count; i++) target.set(source.subarray(i * width, (i + 1) * width), ((at + i) * stride + offset) * width);
};

/**
 * Runs the factor program over samples [from, to): the first stage once a batch, the second once for each output. The arrays returned are
 * owned by the caller. Cost: about one forward and K backward passes over the samples.
 */
export const collectFactors = async ({ compiled, weights, batches, cotangents, from, to, signal, done }: PassRequest): Promise<Pass> => {
  const { network, blocks, solo, cotangent } = compiled.program;
  const { batch, outputs: classes, lowered, output } = network;
  const [input] = lowered.inputs;
  const count = to - from;
  const like: Tensor = output.dtype === "float64" ? { dtype: "float64", shape: [], data: new Float64Array(0) } : { dtype: "float32", shape: [], data: new Float32Array(0) };
  const store = blocks.map((block): BlockValues => ({
    a: block.a && allocate(like, count * sizeOf(block.a.shape.slice(1))),
    g: allocate(like, count * classes * sizeOf(block.g.shape.slice(1))),
  }));
  const f = allocate(like, count * classes);
  const alone = solo.map(({ parameter }) => allocate(like, count * classes * sizeOf(parameter.shape)));
  for (let start = 0; start < count; start += batch) {
    throwIfAborted(signal);
    const valid = Math.min(batch, count - start);
    const feeds = { ...weights, ...(input ? { [input.name]: batches(from + start, batch) } : {}) };
    const early = await compiled.first.run(feeds);
    const own = early.get(output.name);
    if (!own) throw new Error("the first stage returns the network's output");
    f.set(floats(own).subarray(0, valid * classes), start * classes);
    blocks.forEach((block, b) => {
      const target = store[b]?.a;
      if (block.a && target) scatterRows(floats(early.get(block.a.name)), target, sizeOf(block.a.shape.slice(1)), valid, start, 1, 0);
    });
    const late = { ...feeds, ...Object.fromEntries(early) };
    for (let k = 0; k < classes; k++) {
      throwIfAborted(signal);
      const u = cotangents(own, k);
      const made = blocks.length > 0 ? await compiled.second.run({ ...late, [cotangent.name]: u }) : new Map<string, Tensor>();
      blocks.forEach((block, b) => {
        const target = store[b]?.g;
        if (target) scatterRows(floats(made.get(block.g.name)), target, sizeOf(block.g.shape.slice(1)), valid, start, classes, k);
      });
      for (let i = 0; i < valid && solo.length > 0; i++) {
        throwIfAborted(signal);
        const single = batch === 1 && blocks.length > 0 ? made : await compiled.second.run({ ...late, [cotangent.name]: onlySample(u, i) });
        solo.forEach(({ gradient }, s) => alone[s]?.set(floats(single.get(gradient.name)), ((start + i) * classes + k) * sizeOf(gradient.shape)));
      }
    }
    done(valid);
  }
  return { blocks: store, outputs: f, solo: alone };
};

/** The cotangent of one sample of the batch alone. */
const onlySample = (u: Tensor, sample: number): Tensor => {
  const rows = u.shape[0] ?? 1;
  const width = sizeOf(u.shape) / rows;
  const data = floats(u).slice();
  data.fill(0, 0, sample * width);
  data.fill(0, (sample + 1) * width);
  return { dtype: u.dtype, shape: u.shape, data } as Tensor;
};
