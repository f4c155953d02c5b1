import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { gunzipSync } from "fflate";
import { random } from "../../src/core/random.ts";
import { type DType, type Tensor, float32, isFloat } from "../../src/core/tensor.ts";
import type { Initializer, Model } from "../../src/onnx/graph.ts";
import { TensorProtoSchema } from "../../src/onnx/proto/onnx_pb.ts";
import { readModel } from "../../src/onnx/read.ts";
import { rewriteModel } from "../../src/onnx/rewrite/index.ts";
import { decodeTensor } from "../../src/onnx/tensor-data.ts";
import type { Subject } from "./check.ts";
import { dot, filledLike, flat } from "./numbers.ts";

/** Files of a tar archive by path. Regular files with short names only, which is what the archive holds. @source POSIX.1-1988, ustar. */
const untar = (bytes: Uint8Array): Map<string, Uint8Array> => {
  const text = (from: number, length: number): string => new TextDecoder().decode(bytes.subarray(from, from + length)).split("\0")[0] ?? "";
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
};

/** One of the ONNX project's own tests: a model, its inputs in order, and the outputs that it must give. */
export interface NodeTest {
  readonly name: string;
  readonly ops: readonly string[];
  /** Reading is part of the test: a type that is not held throws. */
  model(): Model;
  inputs(): readonly Tensor[];
  outputs(): readonly Tensor[];
}

export const nodeTests = (): NodeTest[] => {
  const files = untar(gunzipSync(readFileSync(new URL("../fixtures/onnx-node-tests.tgz", import.meta.url))));
  const file = (path: string): Uint8Array => files.get(`node-tests/${path}`) ?? (() => { throw new Error(`the archive lacks ${path}`); })();
  const index = JSON.parse(new TextDecoder().decode(file("index.json"))) as readonly { name: string; ops: string[] }[];
  const tensors = (name: string, kind: string): Tensor[] => {
    const out: Tensor[] = [];
    for (let i = 0; files.has(`node-tests/${name}/${kind}_${i}.pb`); i++) out.push(decodeTensor(fromBinary(TensorProtoSchema, file(`${name}/${kind}_${i}.pb`))));
    return out;
  };
  return index.map(({ name, ops }) => ({ name, ops, model: () => rewriteModel(readModel(file(`${name}/model.onnx`).slice(), name)).model, inputs: () => tensors(name, "input"), outputs: () => tensors(name, "output") }));
};

/** Floating operands that steer an operator instead of carrying data: they stay constant. */
const STEERING: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1], Dropout: [1] };

/** The archive stores bfloat16 as the bits of uint16; the model says what they mean. */
const read = (tensor: Tensor, dtype: DType | null): Tensor =>
  tensor.dtype === "uint16" && dtype === "float32" ? float32(tensor.shape, new Float32Array(Uint32Array.from(tensor.data, (bits) => bits << 16).buffer)) : tensor;

/** Content with small positive changes: away from the kinks and ties that worked examples love, and inside of every domain. */
const moved = (name: string, tensor: Tensor): Tensor => {
  if (!isFloat(tensor.dtype)) return tensor;
  const content = flat([tensor]);
  const size = Math.sqrt(dot(content, content) / Math.max(1, content.length));
  const source = random(7, name);
  return filledLike(tensor, content.map((value) => value + 0.01 * (size > 0 ? size : 1) * (0.1 + source.uniform())));
};

const stored = (name: string, tensor: Tensor): Initializer => ({ name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });

/**
 * A node test as a subject of the checker: floating inputs are variables; those that steer, and with `fixedIntegers` all that are not
 * floating, are stored in the model.
 */
export const subjectOf = (test: NodeTest, fixedIntegers: boolean): Subject => {
  const model = test.model();
  const { graph } = model;
  const steering = new Set(graph.nodes.flatMap((n) => (STEERING[n.op] ?? []).flatMap((place) => n.inputs[place] ?? [])));
  const given = test.inputs().flatMap((tensor, i): [string, Tensor][] => (graph.inputs[i] ? [[graph.inputs[i].name, read(tensor, graph.inputs[i].dtype)]] : []));
  const isStored = ([name, tensor]: [string, Tensor]): boolean => steering.has(name) || (fixedIntegers && !isFloat(tensor.dtype));
  const kept = given.filter(isStored);
  const fed = given.filter((entry) => !isStored(entry));
  const names = new Set(kept.map(([name]) => name));
  return {
    name: test.name,
    model: { ...model, graph: { ...graph, inputs: graph.inputs.flatMap((input, i) => (names.has(input.name) ? [] : [{ ...input, shape: given[i]?.[1].shape ?? input.shape }])), initializers: new Map([...graph.initializers, ...kept.map(([name, tensor]) => [name, stored(name, tensor)] as const)]) } },
    feeds: Object.fromEntries(fed),
    derivativesAt: Object.fromEntries(fed.map(([name, tensor]) => [name, moved(name, tensor)])),
  };
};
