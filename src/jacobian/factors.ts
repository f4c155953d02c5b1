import { throwIfAborted } from "../core/errors.ts";
import { floatsOf, sizeOf, type Tensor } from "../core/tensor.ts";
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
 * The cotangents of one batch for outputs k … k + C − 1: [batch·C, …], row i·C + c for sample i and output k + c. For the plain Jacobian
 * each is a unit vector; for the Gauss–Newton form it is a column of the loss's L_i (THEORY §1), which needs the outputs f [batch, …].
 * Outputs past K may be anything.
 */
export type Cotangents = (outputs: Tensor, k: number, together: number) => Tensor;

export interface CompiledFactors {
  readonly program: FactorProgram;
  readonly first: Compiled;
  readonly second: Compiled;
  readonly alone: Compiled | null;
  dispose(): Promise<void>;
}

export const compileFactors = async (executor: Executor, program: FactorProgram): Promise<CompiledFactors> => {
  const first = await compile(executor, program.first);
  const second = await compile(executor, program.second);
  const alone = program.alone && (await compile(executor, program.alone.program));
  const dispose = async (): Promise<void> => {
    for (const compiled of [first, second, alone]) await compiled?.dispose();
  };
  return { program, first, second, alone, dispose };
};

/** An empty array of the type that the network computes in. */
const allocate = (like: Tensor, length: number): Floats => (like.dtype === "float64" ? new Float64Array(length) : new Float32Array(length));

/** Everything that one pass over samples [from, to) yields. */
export interface Pass {
  readonly blocks: readonly BlockValues[];
  /** f, [to − from, K]. */
  readonly outputs: Floats;
  /** Gradients of the parameters without structure, [(to − from)·K, size], one for each. */
  readonly solo: readonly Floats[];
}

/** What everything that is computed from per-sample factors starts from. */
export interface FactorInputs {
  readonly executor: Executor;
  readonly program: FactorProgram;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly cotangents: Cotangents;
  readonly samples: number;
  readonly signal?: AbortSignal | undefined;
}

interface PassRequest extends Pick<FactorInputs, "weights" | "batches" | "cotangents" | "signal"> {
  readonly compiled: CompiledFactors;
  readonly from: number;
  readonly to: number;
  readonly done: (samples: number) => void;
}

/** Copies the gradients of `count` samples, [count·C, width], to rows i·K + k … of a sample-major store from sample `at` on. */
const store = (source: Floats, target: Floats, { width, count, at, classes, together, k }: { width: number; count: number; at: number; classes: number; together: number; k: number }): void => {
  const used = Math.min(together, classes - k);
  if (used === classes && together === classes) target.set(source.subarray(0, count * classes * width), at * classes * width);
  else for (let i = 0; i < count; i++) target.set(source.subarray(i * together * width, (i * together + used) * width), ((at + i) * classes + k) * width);
};

const widthOf = (block: { readonly shape: readonly number[] }): number => sizeOf(block.shape.slice(1));

/** Empty arrays for everything that a pass over `count` samples yields. */
const allocatePass = ({ network, blocks, solo }: FactorProgram, count: number): Pass => {
  const classes = network.outputs;
  const like: Tensor = network.output.dtype === "float64" ? { dtype: "float64", shape: [], data: new Float64Array(0) } : { dtype: "float32", shape: [], data: new Float32Array(0) };
  return {
    blocks: blocks.map((block): BlockValues => ({ a: block.a && allocate(like, count * widthOf(block.a)), g: allocate(like, count * classes * widthOf(block.g)) })),
    outputs: allocate(like, count * classes),
    solo: solo.map(({ parameter }) => allocate(like, count * classes * sizeOf(parameter.shape))),
  };
};

/** One batch: where its samples go, its feeds, and the results of the first stage. */
interface BatchRun {
  readonly request: PassRequest;
  readonly pass: Pass;
  readonly start: number;
  readonly valid: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly outputs: Tensor;
}

const runBlocks = async ({ request, pass, start, valid, feeds, outputs }: BatchRun): Promise<void> => {
  const { compiled, cotangents, signal } = request;
  const { network, blocks, cotangent, together } = compiled.program;
  if (blocks.length === 0) return;
  for (let k = 0; k < network.outputs; k += together) {
    throwIfAborted(signal);
    const made = await compiled.second.run({ ...feeds, [cotangent.name]: cotangents(outputs, k, together) });
    blocks.forEach((block, b) => {
      const target = pass.blocks[b]?.g;
      if (target) store(floatsOf(made.get(block.g.name)), target, { width: widthOf(block.g), count: valid, at: start, classes: network.outputs, together, k });
    });
  }
};

/** The gradients that have no per-sample structure: one reverse pass for each sample and output. */
const runAlone = async ({ request, pass, start, valid, feeds, outputs }: BatchRun): Promise<void> => {
  const { compiled, cotangents, signal } = request;
  const { network, solo, alone } = compiled.program;
  if (!compiled.alone || !alone) return;
  for (let k = 0; k < network.outputs; k++) {
    const u = cotangents(outputs, k, 1);
    for (let i = 0; i < valid; i++) {
      throwIfAborted(signal);
      const made = await compiled.alone.run({ ...feeds, [alone.cotangent.name]: onlySample(u, i) });
      solo.forEach(({ gradient }, s) => pass.solo[s]?.set(floatsOf(made.get(gradient.name)), ((start + i) * network.outputs + k) * sizeOf(gradient.shape)));
    }
  }
};

/**
 * Runs the factor program over samples [from, to): the first stage once a batch, the second once for each C outputs. The arrays returned are
 * owned by the caller. Cost: about one forward and K backward passes over the samples.
 */
export const collectFactors = async (request: PassRequest): Promise<Pass> => {
  const { compiled, weights, batches, from, to, signal, done } = request;
  const { network, blocks, aliases } = compiled.program;
  const { batch, outputs: classes, lowered, output } = network;
  const [input] = lowered.inputs;
  const count = to - from;
  const pass = allocatePass(compiled.program, count);
  for (let start = 0; start < count; start += batch) {
    throwIfAborted(signal);
    const valid = Math.min(batch, count - start);
    const given = { ...weights, ...(input ? { [input.name]: batches(from + start, batch) } : {}) };
    const early = await compiled.first.run(given);
    const outputs = early.get(output.name);
    if (!outputs) throw new Error("the first stage returns the network's output");
    pass.outputs.set(floatsOf(outputs).subarray(0, valid * classes), start * classes);
    blocks.forEach((block, b) => {
      if (block.a) pass.blocks[b]?.a?.set(floatsOf(early.get(block.a.name)).subarray(0, valid * widthOf(block.a)), start * widthOf(block.a));
    });
    const known: Record<string, Tensor> = { ...given, ...Object.fromEntries(early) };
    for (const [alias, name] of aliases) if (known[name]) known[alias] = known[name];
    const run: BatchRun = { request, pass, start, valid, feeds: known, outputs };
    await runBlocks(run);
    await runAlone(run);
    done(valid);
  }
  return pass;
};

/** The cotangent of one sample of the batch alone. */
const onlySample = (u: Tensor, sample: number): Tensor => {
  const rows = u.shape[0] ?? 1;
  const width = sizeOf(u.shape) / rows;
  const data = floatsOf(u).slice();
  data.fill(0, 0, sample * width);
  data.fill(0, (sample + 1) * width);
  return { dtype: u.dtype, shape: u.shape, data } as Tensor;
};
