import type { Tensor } from "../core/tensor.ts";
import type { Graph, Initializer, Node, ValueInfo } from "./graph.ts";
import { feedLarge } from "./load-graph.ts";
import type { Program, Step, Value } from "./value.ts";
import { neededSteps, readsOf } from "./needed.ts";
import { writeModel } from "./write.ts";

/** The opset that every model is rewritten to and that all derivative graphs are written in. */
export const CANONICAL_OPSET = 21;

const info = (value: Value): ValueInfo => ({ name: value.name, dtype: value.dtype, shape: value.shape });

const initializer = (name: string, value: Value, tensor: NonNullable<Value["constant"]>): Initializer => ({ name, dtype: value.dtype, shape: value.shape, load: () => tensor });

/** The nodes of needed steps and the values that are returned, which need a step of their own where they are inputs or constants. */
const nodesOf = (kept: readonly Step[], outputs: readonly Value[]): { readonly nodes: readonly Node[]; readonly results: readonly ValueInfo[] } => {
  const made = new Set(kept.flatMap((step) => step.outputs.map((o) => o.name)));
  const passed = outputs.filter((o) => !made.has(o.name));
  const nodes = kept.map((step): Node => ({
    op: step.op, domain: step.domain, name: `${step.name}|${step.outputs[0]?.name ?? ""}`, inputs: step.inputs.map((i) => i?.name ?? ""), outputs: step.outputs.map((o) => o.name),
    attributes: { ...step.attributes, ...Object.fromEntries(Object.entries(step.bodies ?? {}).map(([key, body]) => [key, { type: "graph", value: bodyGraph(body) } as const])) },
  }));
  const identities = passed.map((o): Node => ({ op: "Identity", domain: "", name: `out:${o.name}`, inputs: [o.name], outputs: [`${o.name}:out`], attributes: {} }));
  return { nodes: [...nodes, ...identities], results: outputs.map((o) => (made.has(o.name) ? info(o) : { ...info(o), name: `${o.name}:out` })) };
};

/** A body as a graph; its constants are initializers of the outermost graph. */
const bodyGraph = (body: Program): Graph => {
  const { nodes, results } = nodesOf(neededSteps(body.steps, body.outputs), body.outputs);
  return { name: "body", nodes, inputs: body.inputs.map(info), outputs: results, initializers: new Map() };
};

const asGraph = (program: Program, outputs: readonly Value[]): Graph => {
  const kept = neededSteps(program.steps, outputs);
  const { nodes, results } = nodesOf(kept, outputs);
  const read = [...kept.flatMap(readsOf), ...outputs];
  const initializers = new Map(read.flatMap((v) => (v.constant ? [[v.name, initializer(v.name, v, v.constant)] as const] : [])));
  const needed = new Set(read.map((v) => v.name));
  return { name: "jacobian-lens", nodes, inputs: program.inputs.filter((i) => needed.has(i.name)).map(info), outputs: results, initializers };
};

const serialised = (graph: Graph): Uint8Array => {
  const domains = new Set(graph.nodes.map((n) => n.domain).filter((d) => d !== ""));
  return writeModel(graph, new Map([["", CANONICAL_OPSET], ...[...domains].map((d): [string, number] => [d, 1])]));
};

/**
 * A program as an ONNX model that returns `outputs` (each under its own name; the same value may be asked for once). Steps that no
 * output needs are left out. All constants are part of the model, which must stay under 2 GB.
 */
export const emit = (program: Program, outputs: readonly Value[] = program.outputs): Uint8Array => serialised(asGraph(program, outputs));

/** A model and the large constants that each run of it is fed beside its own inputs. */
export interface FedModel {
  readonly model: Uint8Array;
  /** Names of the program's inputs that the outputs depend on: what each run is fed. */
  readonly inputs: readonly string[];
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** As `emit`, with constants over `limit` bytes (default 1 MiB) as inputs: what is serialised stays small, and no copy of them is made. */
export const emitFed = (program: Program, outputs: readonly Value[] = program.outputs, limit?: number): FedModel => {
  const own = asGraph(program, outputs);
  const { graph, fed } = feedLarge(own, undefined, limit);
  return { model: serialised(graph), inputs: own.inputs.map((i) => i.name), feeds: Object.fromEntries(fed.map((i) => [i.name, i.load()])) };
};

/** The name under which `emit` returns a value. */
export const outputName = (program: Program, value: Value): string => (program.steps.some((s) => s.outputs.some((o) => o.name === value.name)) ? value.name : `${value.name}:out`);
