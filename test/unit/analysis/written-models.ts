import { writeFileSync } from "node:fs";
import path from "node:path";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import { random } from "../../../src/core/random.ts";
import { float32, int64 } from "../../../src/core/tensor.ts";
import { writeNpz } from "../../../src/data/write-npy.ts";
import type { Model } from "../../../src/onnx/graph.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { ModelMaker } from "../jacobian/models.ts";

/** A model with drawn data and three classes, as files of a folder, and an analysis of them. */
export const writtenTo = (folder: string, seed: number, name: string, model: Model, samples: number, shape: readonly number[]): AnalysisRequest => {
  const draws = random(seed, name);
  const size = shape.reduce((a, b) => a * b, samples);
  writeFileSync(path.join(folder, `${name}.onnx`), writeModel(model.graph, model.opsets));
  writeFileSync(path.join(folder, `${name}.npz`), writeNpz({ x: float32([samples, ...shape], Float32Array.from(draws.normals(size))), y: int64([samples], Array.from({ length: samples }, (_, i) => i % 3)) }));
  return { model: path.join(folder, `${name}.onnx`), data: path.join(folder, `${name}.npz`), cutoff: { kind: "rank", value: 3 } };
};

/** A layer, an operator that no rule knows, and another layer. */
export const blocked = (seed: number): Model => {
  const m = new ModelMaker(seed, [5]);
  const h = m.call("Tanh", [m.call("MatMul", ["x", m.weight("before", [5, 4])])]);
  const model = m.finish(m.call("MatMul", [m.call("Normalizer", [h], { norm: "L2" }), m.weight("after", [4, 3])]));
  const nodes = model.graph.nodes.map((node) => (node.op === "Normalizer" ? { ...node, domain: "ai.onnx.ml" } : node));
  return { ...model, opsets: new Map([["", 17], ["ai.onnx.ml", 1]]), graph: { ...model.graph, nodes } };
};
