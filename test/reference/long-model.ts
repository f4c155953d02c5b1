import { writeFileSync } from "node:fs";
import { float32, int64, type Tensor } from "../../src/core/tensor.ts";
import { writeNpz } from "../../src/data/write-npy.ts";
import type { Initializer, Node } from "../../src/onnx/graph.ts";
import { writeModel } from "../../src/onnx/write.ts";

const WIDTH = 4096;
const BATCH = 64;
const OUTPUTS = 2;

const filled = (shape: readonly number[], value: (i: number) => number): Tensor =>
  float32(shape, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)));

const held = (name: string, tensor: Tensor): [string, Initializer] => [name, { name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor }];

/**
 * Writes a network whose single run takes ONNX Runtime some ten seconds on two cores, and its data: a chain of `depth` products with one matrix,
 * the identity, so that every number stays as it is. 2.1 GFLOP a layer.
 */
export const writeLongModel = (model: string, data: string, depth = 600): void => {
  const chain = Array.from({ length: depth }, (_, i): Node => ({ op: "MatMul", domain: "", name: `layer ${i}`, inputs: [i === 0 ? "x" : `h${i}`, "weight"], outputs: [`h${i + 1}`], attributes: {} }));
  const last: Node = { op: "MatMul", domain: "", name: "head", inputs: [`h${depth}`, "readout"], outputs: ["y"], attributes: {} };
  const bytes = writeModel({
    name: "long",
    nodes: [...chain, last],
    inputs: [{ name: "x", dtype: "float32", shape: [BATCH, WIDTH] }],
    outputs: [{ name: "y", dtype: "float32", shape: [BATCH, OUTPUTS] }],
    initializers: new Map([
      held("weight", filled([WIDTH, WIDTH], (i) => (i % (WIDTH + 1) === 0 ? 1 : 0))),
      held("readout", filled([WIDTH, OUTPUTS], Math.sin)),
    ]),
  }, new Map([["", 17]]));
  writeFileSync(model, bytes);
  writeFileSync(data, writeNpz({ x: filled([BATCH, WIDTH], Math.cos), y: int64([BATCH], Array.from({ length: BATCH }, (_, i) => i % OUTPUTS)) }));
};
