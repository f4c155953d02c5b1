import { throwIfAborted } from "../core/errors.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import { jvp } from "../autodiff/forward.ts";
import { vjp } from "../autodiff/reverse.ts";
import type { Executor } from "../onnx/trace.ts";
import type { Program, Value } from "../onnx/value.ts";
import { type Compiled, compile } from "./compiled.ts";
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

const numbers = (tensor: Tensor | undefined): Float32Array | Float64Array => {
  if (tensor?.dtype === "float32" || tensor?.dtype === "float64") return tensor.data;
  throw new Error("a product is a floating tensor");
};

const forwardProgram = ({ lowered, output }: Network): Program => ({ inputs: [...lowered.inputs, ...lowered.parameters], steps: lowered.program.steps, outputs: [output] });

/**
 * The network's products with its Jacobian at given weights, batch by batch: J·v, Jᵀ·u and f itself. Vectors over parameters are one
 * array per parameter, in the network's order; vectors over outputs are [n·K], sample-major. Compiled when first used.
 */
export class Products {
  #forward: Promise<Compiled> | undefined;
  #jvp: Promise<{ readonly compiled: Compiled; readonly tangents: readonly Value[]; readonly result: Value | undefined }> | undefined;
  #vjp: Promise<{ readonly compiled: Compiled; readonly cotangent: Value; readonly results: readonly (Value | undefined)[] }> | undefined;

  constructor(
    private readonly executor: Executor,
    readonly network: Network,
  ) {}

  #buildJvp(): Promise<{ readonly compiled: Compiled; readonly tangents: readonly Value[]; readonly result: Value | undefined }> {
    const { lowered, output } = this.network;
    const { builder: g, parameters, inputs, program } = lowered;
    const tangents = parameters.map((p, i): Value => ({ name: `${g.prefix}tangent${i}`, shape: p.shape, dtype: p.dtype }));
    const [result] = jvp(g, program.steps, new Map(parameters.map((p, i) => [p, tangents[i] ?? p])), [output]);
    const outputs = result ? [result] : [];
    return compile(this.executor, { inputs: [...inputs, ...parameters, ...tangents], steps: g.steps, outputs }).then((compiled) => ({ compiled, tangents, result }));
  }

  #buildVjp(): Promise<{ readonly compiled: Compiled; readonly cotangent: Value; readonly results: readonly (Value | undefined)[] }> {
    const { lowered, output } = this.network;
    const { builder: g, parameters, inputs, program } = lowered;
    const cotangent: Value = { name: `${g.prefix}cotangent-of-product`, shape: output.shape, dtype: output.dtype };
    const results = vjp(g, program.steps, new Map([[output, cotangent]]), parameters);
    const outputs = [...new Map(results.flatMap((r) => (r ? [[r.name, r] as const] : []))).values()];
    return compile(this.executor, { inputs: [...inputs, ...parameters, cotangent], steps: g.steps, outputs }).then((compiled) => ({ compiled, cotangent, results }));
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
      f.set(numbers((await compiled.run(this.#feeds(weights, batches, from))).get(output.name)).subarray(0, valid * classes), from * classes);
    }
    return f;
  }

  /** J·v, [n·K]. Cost: one forward-mode run over the samples. @throws LensError OPERATOR_RULE, RUNTIME_RUN, CANCELLED. */
  async jvp(weights: Weights, { batches, samples, signal }: Samples, direction: readonly Float64Array[]): Promise<Float64Array> {
    const { compiled, tangents, result } = await (this.#jvp ??= this.#buildJvp());
    const classes = this.network.outputs;
    const product = new Float64Array(samples * classes);
    if (!result) return product;
    const fixed = Object.fromEntries(tangents.map((t, i) => [t.name, tensorLike(t, direction[i] ?? new Float64Array(sizeOf(t.shape)))]));
    for (const { from, valid } of this.#pieces(samples)) {
      throwIfAborted(signal);
      const made = await compiled.run({ ...this.#feeds(weights, batches, from), ...fixed });
      product.set(numbers(made.get(result.name)).subarray(0, valid * classes), from * classes);
    }
    return product;
  }

  /** Jᵀ·u, one array per parameter, summed over the samples in float64. Cost: one reverse-mode run over the samples. */
  async vjp(weights: Weights, { batches, samples, signal }: Samples, u: Float64Array): Promise<readonly Float64Array[]> {
    const { compiled, cotangent, results } = await (this.#vjp ??= this.#buildVjp());
    const { batch, outputs: classes, lowered } = this.network;
    const sums = lowered.parameters.map((p) => new Float64Array(sizeOf(p.shape)));
    for (const { from, valid } of this.#pieces(samples)) {
      throwIfAborted(signal);
      const own = new Float64Array(batch * classes);
      own.set(u.subarray(from * classes, (from + valid) * classes));
      const made = await compiled.run({ ...this.#feeds(weights, batches, from), [cotangent.name]: tensorLike(cotangent, own) });
      results.forEach((value, i) => {
        const sum = sums[i];
        if (!value || !sum) return;
        const gradient = numbers(made.get(value.name));
        for (let e = 0; e < sum.length; e++) sum[e] = (sum[e] ?? 0) + (gradient[e] ?? 0);
      });
    }
    return sums;
  }

  async dispose(): Promise<void> {
    for (const compiled of [await this.#forward, (await this.#jvp)?.compiled, (await this.#vjp)?.compiled]) await compiled?.dispose();
  }
}
