import { random } from "../../../src/core/random.ts";
import { float32, int64, sizeOf, type Tensor } from "../../../src/core/tensor.ts";
import type { Graph, Initializer, Model, Node } from "../../../src/onnx/graph.ts";
import { type PlainAttributes, toAttributes } from "../../../src/onnx/program-writer.ts";

/** A small model written down as calls; weights are drawn from a seed. */
export class ModelMaker {
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #draws;

  constructor(seed: number, private readonly input: readonly number[], private readonly opset = 17) {
    this.#draws = random(seed, "weights");
  }

  #store(name: string, tensor: Tensor): string {
    this.#initializers.set(name, { name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });
    return name;
  }

  weight(name: string, shape: readonly number[], scale = 1 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1))))): string {
    return this.#store(name, float32(shape, Float32Array.from(this.#draws.normals(sizeOf(shape)), (v) => v * scale)));
  }

  ints(name: string, values: readonly number[]): string {
    return this.#store(name, int64([values.length], values));
  }

  /** A stored tensor that is given. */
  constant(name: string, tensor: Tensor): string {
    return this.#store(name, tensor);
  }

  /** A whole number as a tensor without axes. */
  scalar(name: string, value: number): string {
    return this.#store(name, int64([], [value]));
  }

  call(op: string, inputs: readonly string[], attributes: PlainAttributes = {}, outputs = 1): string {
    const names = Array.from({ length: outputs }, (_, i) => `${op}${this.#nodes.length}${i === 0 ? "" : `_${i}`}`);
    this.#nodes.push({ op, domain: "", name: `node${this.#nodes.length}`, inputs, outputs: names, attributes: toAttributes(attributes) });
    return names[0] ?? "";
  }

  finish(output: string): Model {
    const graph: Graph = {
      name: "made",
      nodes: this.#nodes,
      inputs: [{ name: "x", dtype: "float32", shape: ["n", ...this.input] }],
      outputs: [{ name: output, dtype: "float32", shape: null }],
      initializers: this.#initializers,
    };
    return { irVersion: 8, opsets: new Map([["", this.opset]]), producer: "test", functions: [], graph };
  }
}

/** Rows of a drawn input, repeating past the end. */
export const drawnBatches = (seed: number, samples: number, shape: readonly number[]) => {
  const width = sizeOf(shape);
  const all = Float32Array.from(random(seed, "data").normals(samples * width));
  return (from: number, count: number): Tensor => {
    const data = new Float32Array(count * width);
    for (let i = 0; i < count; i++) data.set(all.subarray(((from + i) % samples) * width, (((from + i) % samples) + 1) * width), i * width);
    return float32([count, ...shape], data);
  };
};

export const mlp = (seed: number): Model => {
  const m = new ModelMaker(seed, [6]);
  const h = m.call("Tanh", [m.call("Gemm", ["x", m.weight("w1", [9, 6]), m.weight("b1", [9])], { transB: 1 })]);
  return m.finish(m.call("Gemm", [h, m.weight("w2", [3, 9]), m.weight("b2", [3])], { transB: 1 }));
};

/** Two convolutions, the second strided down to 2×2 positions: there the implicit form is the cheaper one. */
export const cnn = (seed: number): Model => {
  const m = new ModelMaker(seed, [2, 6, 6]);
  const pads = [1, 1, 1, 1];
  const a = m.call("Tanh", [m.call("Conv", ["x", m.weight("c1", [8, 2, 3, 3]), m.weight("cb1", [8])], { pads, kernel_shape: [3, 3] })]);
  const b = m.call("Tanh", [m.call("Conv", [a, m.weight("c2", [24, 8, 3, 3])], { pads, kernel_shape: [3, 3], strides: [3, 3] })]);
  const c = m.call("Conv", [b, m.weight("c3", [24, 1, 2, 2])], { kernel_shape: [2, 2], group: 24 });
  return m.finish(m.call("Gemm", [m.call("Flatten", [c], { axis: 1 }), m.weight("w", [24, 2])]));
};

/** One matrix used twice: its cross terms belong to the Gram matrix. */
export const tied = (seed: number): Model => {
  const m = new ModelMaker(seed, [5]);
  const w = m.weight("w", [5, 5]);
  const h = m.call("Tanh", [m.call("MatMul", ["x", w])]);
  return m.finish(m.call("MatMul", [m.call("Tanh", [m.call("MatMul", [h, m.call("Transpose", [w], { perm: [1, 0] })])]), m.weight("v", [5, 2])]));
};

/** A weight under a softmax: its per-sample gradients have no structure that the engine knows. */
export const softmaxWeight = (seed: number): Model => {
  const m = new ModelMaker(seed, [4]);
  const w = m.weight("w", [4, 3]);
  return m.finish(m.call("Add", [m.call("MatMul", ["x", m.call("Softmax", [w])]), m.weight("b", [3])]));
};

/** A weight under an exponential: its per-sample gradients are those of the exponential, scaled. */
export const positiveWeight = (seed: number): Model => {
  const m = new ModelMaker(seed, [4]);
  const w = m.weight("w", [4, 3]);
  return m.finish(m.call("Add", [m.call("MatMul", ["x", m.call("Exp", [w])]), m.weight("b", [3])]));
};

/** Samples influence one another through the mean over the batch. */
export const mixing = (seed: number): Model => {
  const m = new ModelMaker(seed, [4]);
  const mean = m.call("ReduceMean", ["x"], { axes: [0], keepdims: 1 });
  return m.finish(m.call("MatMul", [m.call("Sub", ["x", mean]), m.weight("w", [4, 3])]));
};

/** Positions mixed into the sample axis, as window attention does: [n, 4, 3] → [n·4, 3] and back. */
export const merged = (seed: number): Model => {
  const m = new ModelMaker(seed, [4, 3]);
  const flat = m.call("Reshape", ["x", m.ints("flat", [-1, 3])]);
  const h = m.call("Tanh", [m.call("Add", [m.call("MatMul", [flat, m.weight("w", [3, 5])]), m.weight("b", [5])])]);
  const back = m.call("Reshape", [h, m.ints("back", [-1, 20])]);
  return m.finish(m.call("MatMul", [back, m.weight("v", [20, 2])]));
};

/** Words looked up in a table far larger than the square of a sentence: only which words are equal matters. x⁴ makes word numbers of drawn data. */
const WORDS = 2000;
export const words = (seed: number, count = WORDS): Model => {
  const m = new ModelMaker(seed, [4]);
  const square = m.call("Mul", ["x", "x"]);
  const tokens = m.call("Cast", [m.call("Mul", [square, square])], { to: 7 });
  const embedded = m.call("Gather", [m.weight("table", [count, 3]), tokens], { axis: 0 });
  return m.finish(m.call("MatMul", [m.call("Tanh", [m.call("ReduceMean", [embedded], { axes: [1], keepdims: 0 })]), m.weight("head", [3, 2])]));
};
