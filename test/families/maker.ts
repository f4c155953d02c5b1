import { type Random, random } from "../../src/core/random.ts";
import { float32, int64, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import type { Model, Node } from "../../src/onnx/graph.ts";
import { type PlainAttributes, toAttributes } from "../../src/onnx/program-writer.ts";
import { readModel } from "../../src/onnx/read.ts";
import { rewriteModel } from "../../src/onnx/rewrite/index.ts";
import { writeModel } from "../../src/onnx/write.ts";

/** What the one input of a model is: floats, or whole numbers below `tokens`. */
export interface Input {
  /** Shape of one sample. */
  readonly shape: readonly number[];
  readonly tokens?: number;
  /** The batch size that the model is fixed to. */
  readonly batch?: number;
}

interface Drawing {
  readonly scale?: number;
  readonly mean?: number;
}

interface CallOptions {
  readonly outputs?: number;
  readonly domain?: string;
}

/** A model written down as calls, with weights drawn from a seed. Constants carry the names that exporters give them. */
export class Maker {
  readonly #nodes: Node[] = [];
  readonly #tensors = new Map<string, Tensor>();
  readonly #weights: string[] = [];
  readonly #draws: Random;
  /** The input. */
  readonly x = "x";

  constructor(seed: number, private readonly input: Input, private readonly opset: number) {
    this.#draws = random(seed, "weights");
  }

  /** Names of the tensors that are meant to be trained. */
  get weights(): readonly string[] {
    return this.#weights;
  }

  /** How many nodes have been written. */
  get nodes(): number {
    return this.#nodes.length;
  }

  /** A tensor that is trained; by default of the size that keeps activations of size one. */
  weight(name: string, shape: readonly number[], { scale = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1)))), mean = 0 }: Drawing = {}): string {
    this.#weights.push(name);
    this.#tensors.set(name, float32(shape, Float32Array.from(this.#draws.normals(sizeOf(shape)), (v) => mean + v * scale)));
    return name;
  }

  #constant(tensor: Tensor): string {
    const name = `/Constant_${this.#tensors.size}_output_0`;
    this.#tensors.set(name, tensor);
    return name;
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(int64(shape, values));
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(float32(shape, values));
  }

  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** Results of one operator. */
  calls(op: string, inputs: readonly string[], attributes: PlainAttributes = {}, { outputs = 1, domain = "" }: CallOptions = {}): readonly string[] {
    const names = Array.from({ length: outputs }, (_, i) => `${op}${this.#nodes.length}${i === 0 ? "" : `_${i}`}`);
    this.#nodes.push({ op, domain, name: `node${this.#nodes.length}`, inputs, outputs: names, attributes: toAttributes(attributes) });
    return names;
  }

  /** The first result of one operator. */
  call(op: string, inputs: readonly string[], attributes: PlainAttributes = {}, options: CallOptions = {}): string {
    return this.calls(op, inputs, attributes, options)[0] ?? "";
  }

  /** The model after its serialised form and all rewrites, as every real one. */
  finish(output: string): Model {
    const { shape, tokens, batch = "n" } = this.input;
    const graph = {
      name: "made",
      nodes: this.#nodes,
      inputs: [{ name: this.x, dtype: tokens === undefined ? ("float32" as const) : ("int64" as const), shape: [batch, ...shape] }],
      outputs: [{ name: output, dtype: "float32" as const, shape: null }],
      initializers: new Map([...this.#tensors].map(([name, tensor]) => [name, { name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor }])),
    };
    const domains = [...new Set(this.#nodes.map((n) => n.domain).filter((d) => d !== ""))];
    return rewriteModel(readModel(writeModel(graph, new Map([["", this.opset], ...domains.map((d): [string, number] => [d, 1])])), "made.onnx")).model;
  }
}

/** Rows of a drawn input, repeating past the end. */
export const drawnBatches = (seed: number, samples: number, { shape, tokens }: Input) => {
  const width = sizeOf(shape);
  const draws = random(seed, "data");
  const all = Array.from({ length: samples * width }, () => (tokens === undefined ? draws.normal() : draws.integer(tokens)));
  return (from: number, count: number): Tensor => {
    const data = Array.from({ length: count }, (_, i) => all.slice(((from + i) % samples) * width, (((from + i) % samples) + 1) * width)).flat();
    return tokens === undefined ? float32([count, ...shape], data) : int64([count, ...shape], data);
  };
};
