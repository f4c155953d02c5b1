import { silent } from "../../src/core/progress.ts";
import { random } from "../../src/core/random.ts";
import { float32, int64, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { factorProgram } from "../../src/jacobian/factor-program.ts";
import { gram } from "../../src/jacobian/gram.ts";
import { type Batches, openNetworkSource } from "../../src/jacobian/network.ts";
import { Products } from "../../src/jacobian/products.ts";
import type { Model } from "../../src/onnx/graph.ts";
import { initializer, node } from "./case.ts";
import { executor } from "./check.ts";

/** One-hot cotangents k … k + together − 1 of every sample. */
const oneHot = (outputs: Tensor, k: number, together: number): Tensor => {
  const [batch = 1] = outputs.shape;
  const width = sizeOf(outputs.shape) / batch;
  return float32([batch * together, ...outputs.shape.slice(1)], Float32Array.from({ length: batch * together * width }, (_, i) => (i % width === k + (Math.floor(i / width) % together) ? 1 : 0)));
};

const OUTPUTS = 3;

/** A model with its first output flattened and multiplied by a drawn matrix, to three outputs a sample. `width`: entries of that output for a sample. */
export const projected = (model: Model, width: number, seed: number): Model => {
  const { graph } = model;
  const tensors = [int64([2], [-1, width]), float32([width, OUTPUTS], Float32Array.from(random(seed, "projection").normals(width * OUTPUTS)))];
  const [shape, matrix] = ["projection:shape", "projection:matrix"];
  const output = graph.outputs[0]?.name ?? "";
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, node("Reshape", [output, shape], ["projection:flat"]), node("MatMul", ["projection:flat", matrix], ["projection"])],
      outputs: [{ name: "projection", dtype: "float32", shape: null }],
      initializers: new Map([...graph.initializers, ...[shape, matrix].map((name, i) => [name, initializer(name, tensors[i]!)] as const)]),
    },
  };
};

export interface GramOutcome {
  /** ‖G − JJᵀ‖_F/‖JJᵀ‖_F, J by one reverse-mode product for each row. */
  readonly error: number;
  /** Parameters that were taken one sample at a time. */
  readonly solo: readonly string[];
}

/** The Gram matrix by structure, with all cotangents of a sample in one run, against the definition. */
export const checkGram = async (model: Model, batches: Batches, samples: number): Promise<GramOutcome> => {
  const names = [...model.graph.initializers.values()].filter((i) => i.dtype === "float32").map((i) => i.name);
  const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  const source = await openNetworkSource(executor, model, names, batches);
  try {
    const narrow = await source.at(2);
    const wide = await source.at(2 * narrow.outputs);
    const program = factorProgram(narrow, wide, samples);
    const { matrix } = await gram({ executor, program, weights, batches, cotangents: oneHot, samples, edge: samples, memory: 2 ** 28, progress: silent });
    const products = new Products(executor, await source.at(2));
    const size = samples * narrow.outputs;
    const rows: Float64Array[] = [];
    for (let i = 0; i < size; i++) {
      const u = new Float64Array(size);
      u[i] = 1;
      rows.push(Float64Array.from((await products.vjp(weights, { batches, samples }, u)).flatMap((g) => Array.from(g))));
    }
    await products.dispose();
    let difference = 0;
    let total = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const exact = rows[i]!.reduce((sum, value, e) => sum + value * rows[j]![e]!, 0);
        difference += (matrix[i * size + j]! - exact) ** 2;
        total += exact ** 2;
      }
    }
    return { error: Math.sqrt(difference / Math.max(total, Number.MIN_VALUE)), solo: program.solo.map((s) => s.parameter.name) };
  } finally {
    await source.dispose();
  }
};
