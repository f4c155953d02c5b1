import { throwIfAborted } from "../core/errors.ts";
import { floatsOf, sizeOf, type Tensor } from "../core/tensor.ts";
import { jvp } from "../autodiff/forward.ts";
import { vjp } from "../autodiff/reverse.ts";
import type { Executor } from "../onnx/trace.ts";
import type { Program, Value } from "../onnx/value.ts";
import { type Compiled, compile } from "./compiled.ts";
import { mergeVectors } from "./merge-vectors.ts";
import type { Batches, Network } from "./network.ts";

/** A data set as the products see it. */
export interface Samples {
  readonly batches: Batches;
  readonly samples: number;
  readonly signal?: AbortSignal | undefined;
}

type Weights = Readonly<Record<string, Tensor>>;

const tensorLike = (value: Value, data: Float64Array): Tensor =>
  value.dtype === "float64" ? { dtype: "float64", shape: value.shape, data } : { dtype: "float32", shape: value.shape, data: Float32Array.from(data) };

const forwardProgram = ({ lowered, output }: Network): Program => ({ inputs: lowered.program.inputs, steps: lowered.program.steps, outputs: [output] });

/** Vectors over parameters: one array per parameter, in the network's order. */
export type Direction = readonly Float64Array[];

interface CompiledJvp {
  readonly compiled: Compiled;
  /** Per direction: one value per parameter. */
  readonly tangents: readonly (readonly Value[])[];
  readonly results: readonly (Value | undefined)[];
}

interface CompiledVjp {
  readonly compiled: Compiled;
  readonly cotangents: readonly Value[];
  /** Per cotangent: one value per parameter. */
  readonly results: readonly (readonly (Value | undefined)[])[];
}

const distinct = (values: readonly (Value | undefined)[]): Value[] => [...new Map(values.flatMap((v) => (v ? [[v.name, v] as const] : []))).values()];

/** Forward mode for `count` directions in one graph: the forward pass and every slope are shared. */
const buildJvp = async (executor: Executor, { lowered, output }: Network, count: number): Promise<CompiledJvp> => {
  const { builder: g, parameters, program } = lowered;
  const tangents = Array.from({ length: count }, (_, d) => parameters.map((p, i): Value => ({ name: `${g.prefix}tangent${d}.${i}`, shape: p.shape, dtype: p.dtype })));
  const results = tangents.map((own) => jvp(g, program.steps, new Map(parameters.map((p, i) => [p, own[i] ?? p])), [output])[0]);
  const compiled = await compile(executor, { inputs: [...program.inputs, ...tangents.flat()], steps: mergeVectors(g.steps, tangents), outputs: distinct(results) });
  return { compiled, tangents, results };
};

/** Reverse mode for `count` cotangents in one graph. */
const buildVjp = async (executor: Executor, { lowered, output }: Network, count: number): Promise<CompiledVjp> => {
  const { builder: g, parameters, program } = lowered;
  const cotangents = Array.from({ length: count }, (_, d): Value => ({ name: `${g.prefix}cotangent-of-product${d}`, shape: output.shape, dtype: output.dtype }));
  const results = cotangents.map((cotangent) => vjp(g, program.steps, new Map([[output, cotangent]]), parameters));
  const compiled = await compile(executor, { inputs: [...program.inputs, ...cotangents], steps: mergeVectors(g.steps, cotangents.map((c) => [c])), outputs: distinct(results.flat()) });
  return { compiled, cotangents, results };
};

/** A compiled graph for each number of vectors, made when first needed. */
class ByCount<T extends { readonly compiled: Compiled }> {
  readonly #made = new Map<number, Promise<T>>();
  constructor(private readonly make: (count: number) => Promise<T>) {}

  get(count: number): Promise<T> {
    const known = this.#made.get(count);
    if (known) return known;
    const made = this.make(count);
    this.#made.set(count, made);
    return made;
  }

  async dispose(): Promise<void> {
    for (const made of this.#made.values()) await (await made).compiled.dispose();
  }
}

/**
 * The network's products with its Jacobian at given weights, batch by batch: J·V, Jᵀ·U and f itself. Vectors over outputs are [n·K],
 * sample-major. Graphs are compiled when first used, one for each number of vectors.
 */
export class Products {
  #forward: Promise<Compiled> | undefined;
  readonly #jvp: ByCount<CompiledJvp>;
  readonly #vjp: ByCount<CompiledVjp>;

  constructor(
    private readonly executor: Executor,
    readonly network: Network,
  ) {
    this.#jvp = new ByCount((count) => buildJvp(executor, network, count));
    this.#vjp = new ByCount((count) => buildVjp(executor, network, count));
  }

  *#pieces(samples: number): Generator<{ readonly from: number; readonly valid: number }> {
    for (let from = 0; from < samples; from += this.network.batch) yield { from, valid: Math.min(this.network.batch, samples - from) };
  }

  #feeds(weights: Weights, batches: Batches, from: number): Record<string, Tensor> {
    const [input] = this.network.lowered.inputs;
    return { ...weights, ...(input ? { [input.name]: batches(from, this.network.batch) } : {}) };
  }

  /** f(θ), [n·K]. */
  async outputs(weights: Weights, { batches, samples, signal }: Samples): Promise<Float64Array> {
    const { outputs: classes, output } = this.network;
    const compiled = await (this.#forward ??= compile(this.executor, forwardProgram(this.network)));
    const f = new Float64Array(samples * classes);
    for (const { from, valid } of this.#pieces(samples)) {
      throwIfAborted(signal);
      f.set(floatsOf((await compiled.run(this.#feeds(weights, batches, from))).get(output.name)).subarray(0, valid * classes), from * classes);
    }
    return f;
  }

  /** J·v for each direction, [n·K] each. Cost: one forward-mode run over the samples. @throws LensError OPERATOR_RULE, RUNTIME_RUN, CANCELLED. */
  async jvps(weights: Weights, { batches, samples, signal }: Samples, directions: readonly Direction[]): Promise<readonly Float64Array[]> {
    const { compiled, tangents, results } = await this.#jvp.get(directions.length);
    const classes = this.network.outputs;
    const found = directions.map(() => new Float64Array(samples * classes));
    const fixed = Object.fromEntries(tangents.flatMap((own, d) => own.map((t, i) => [t.name, tensorLike(t, directions[d]?.[i] ?? new Float64Array(sizeOf(t.shape)))] as const)));
    for (const { from, valid } of this.#pieces(samples)) {
      throwIfAborted(signal);
      const made = await compiled.run({ ...this.#feeds(weights, batches, from), ...fixed });
      results.forEach((value, d) => { if (value) found[d]?.set(floatsOf(made.get(value.name)).subarray(0, valid * classes), from * classes); });
    }
    return found;
  }

  /** J·v, [n·K]. */
  async jvp(weights: Weights, data: Samples, direction: Direction): Promise<Float64Array> {
    const [found] = await this.jvps(weights, data, [direction]);
    return found ?? new Float64Array(0);
  }

  /** Jᵀ·u for each cotangent, summed over the samples in float64. Cost: one reverse-mode run over the samples. */
  async vjps(weights: Weights, { batches, samples, signal }: Samples, us: readonly Float64Array[]): Promise<readonly Direction[]> {
    const { compiled, cotangents, results } = await this.#vjp.get(us.length);
    const { batch, outputs: classes, lowered } = this.network;
    const sums = us.map(() => lowered.parameters.map((p) => new Float64Array(sizeOf(p.shape))));
    for (const { from, valid } of this.#pieces(samples)) {
      throwIfAborted(signal);
      const fed = cotangents.map((cotangent, d) => {
        const own = new Float64Array(batch * classes);
        own.set(us[d]?.subarray(from * classes, (from + valid) * classes) ?? []);
        return [cotangent.name, tensorLike(cotangent, own)] as const;
      });
      const made = await compiled.run({ ...this.#feeds(weights, batches, from), ...Object.fromEntries(fed) });
      results.forEach((own, d) => { own.forEach((value, i) => { if (value) addTo(sums[d]?.[i], floatsOf(made.get(value.name))); }); });
    }
    return sums;
  }

  /** Jᵀ·u, one array per parameter. */
  async vjp(weights: Weights, data: Samples, u: Float64Array): Promise<Direction> {
    const [found] = await this.vjps(weights, data, [u]);
    return found ?? [];
  }

  async dispose(): Promise<void> {
    await (await this.#forward)?.dispose();
    await this.#jvp.dispose();
    await this.#vjp.dispose();
  }
}

const addTo = (sum: Float64Array | undefined, values: Float32Array | Float64Array): void => {
  if (!sum) return;
  for (let e = 0; e < sum.length; e++) sum[e] = (sum[e] ?? 0) + (values[e] ?? 0);
};
