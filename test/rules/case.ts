import { type Random, random } from "../../src/core/random.ts";
import { type Tensor, float32, int64, sizeOf } from "../../src/core/tensor.ts";
import type { Attributes, Graph, Initializer, Model, Node } from "../../src/onnx/graph.ts";
import { type PlainAttributes, toAttributes } from "../../src/onnx/program-writer.ts";

/** How the entries of a variable are drawn. */
export type Draw = (source: Random) => number;

/** An operand: drawn at random and differentiated, or fixed. */
export type OperandSpec = { readonly role: "variable"; readonly shape: readonly number[]; readonly draw: Draw } | { readonly role: "constant"; readonly tensor: Tensor };

/** One operator (or a short chain) with operands, and the shapes it is tried at. */
export interface RuleCase {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly operands: Readonly<Record<string, OperandSpec>>;
  readonly outputs: readonly string[];
  readonly opset: number;
  /** The first operand counts samples along its first axis; the other variables are parameters: per-sample gradients are checked too. */
  readonly samples: boolean;
}

const normal: Draw = (source) => source.normal();

/** A variable with standard normal entries. */
export const v = (shape: readonly number[], draw: Draw = normal): OperandSpec => ({ role: "variable", shape, draw });

/** A variable with entries in [low, high). */
export const between = (low: number, high: number, shape: readonly number[]): OperandSpec => v(shape, (source) => low + (high - low) * source.uniform());

export const fixed = (tensor: Tensor): OperandSpec => ({ role: "constant", tensor });

export const ints = (values: readonly number[], shape: readonly number[] = [values.length]): OperandSpec => fixed(int64(shape, values));

export const floats = (values: readonly number[], shape: readonly number[] = [values.length]): OperandSpec => fixed(float32(shape, values));

interface Options {
  readonly attributes?: PlainAttributes;
  readonly outputs?: number;
  readonly opset?: number;
  readonly domain?: string;
  readonly samples?: boolean;
}

/** A case of one operator. */
export const one = (op: string, title: string, inputs: readonly (OperandSpec | undefined)[], { attributes = {}, outputs = 1, opset = 21, domain = "", samples = false }: Options = {}): RuleCase => {
  const names = inputs.map((spec, i) => (spec ? `i${i}` : ""));
  const results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const operands = Object.fromEntries(inputs.flatMap((spec, i) => (spec ? [[`i${i}`, spec] as const] : [])));
  return { title: `${op}: ${title}`, nodes: [{ op, domain, name: op, inputs: names, outputs: results, attributes: toAttributes(attributes) }], operands, outputs: results, opset, samples };
};

/** A node of a chain. */
export const node = (op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes | PlainAttributes = {}, domain = ""): Node => ({ op, domain, name: outputs[0] ?? op, inputs, outputs, attributes: toAttributes(attributes) });

const drawn = (spec: Extract<OperandSpec, { role: "variable" }>, source: Random): Tensor => float32(spec.shape, Float32Array.from({ length: sizeOf(spec.shape) }, () => spec.draw(source)));

export const initializer = (name: string, tensor: Tensor): Initializer => ({ name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });

/** Content of every operand of a case; the same seed gives the same numbers. */
export const contents = (test: RuleCase, seed: number): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(test.operands).map(([name, spec]) => [name, spec.role === "constant" ? spec.tensor : drawn(spec, random(seed, name))]));

/** A case as a model. Operands in `inputs` are fed; the others are stored in it. */
export const modelOf = (test: RuleCase, content: Readonly<Record<string, Tensor>>, inputs: readonly string[]): Model => {
  const entries = Object.entries(content);
  const graph: Graph = {
    name: "case",
    nodes: test.nodes,
    inputs: entries.filter(([name]) => inputs.includes(name)).map(([name, tensor]) => ({ name, dtype: tensor.dtype, shape: tensor.shape })),
    outputs: test.outputs.map((name) => ({ name, dtype: null, shape: null })),
    initializers: new Map(entries.filter(([name]) => !inputs.includes(name)).map(([name, tensor]) => [name, initializer(name, tensor)])),
  };
  const opsets = new Map([["", test.opset], ...test.nodes.filter((n) => n.domain !== "").map((n): [string, number] => [n.domain, 1])]);
  return { irVersion: 10, opsets, producer: "test", functions: [], graph };
};

export const variablesOf = (test: RuleCase): string[] => Object.entries(test.operands).flatMap(([name, spec]) => (spec.role === "variable" ? [name] : []));
