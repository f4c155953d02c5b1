import { writeFileSync } from "node:fs";
import path from "node:path";
import type { AnalysisRequest } from "../../../../src/analysis/request.ts";
import { random } from "../../../../src/core/random.ts";
import { float32, int64, sizeOf } from "../../../../src/core/tensor.ts";
import { writeNpz } from "../../../../src/data/write-npy.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { writeModel } from "../../../../src/onnx/write.ts";

/** Writes a model. */
export const writtenModel = (folder: string, name: string, { graph, opsets }: Model): string => {
  const file = path.join(folder, `${name}.onnx`);
  writeFileSync(file, writeModel(graph, opsets));
  return file;
};

/** Writes drawn samples of a shape with labels 0, 1, 0, … moved on by `shift`; the first ones are the same whatever their number. */
export const writtenData = (folder: string, name: string, seed: number, samples: number, shape: readonly number[], shift = 0): string => {
  const file = path.join(folder, `${name}.npz`);
  const x = Float32Array.from(random(seed, "samples").normals(samples * sizeOf(shape)));
  writeFileSync(file, writeNpz({ x: float32([samples, ...shape], x), y: int64([samples], Array.from({ length: samples }, (_, i) => (i + shift) % 2)) }));
  return file;
};

/** A request in float64 on one thread's order of sums, so that the same numbers come out however the samples are batched. */
export const exactRequest = (model: string, data: string): AnalysisRequest => ({ model, data, method: "gram", precision: "double", gram: true, cutoff: { kind: "rank", value: 2 } });
