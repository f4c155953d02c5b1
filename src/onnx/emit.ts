import type { Tensor } from "../core/tensor.ts";
import type { Graph, Initializer, Node, ValueInfo } from "./graph.ts";
import { feedLarge } from "./load-graph.ts";
import type { Program, Value } from "./value.ts";
import { writeModel } from "./write.ts";

/** The opset that every model is rewritten to and that all derivative graphs are written in. */
export const CANONICAL_OPSET = 21;

const info = (value: Value): ValueInfo => ({ name: value.name, dtype: value.dtype, shape: value.shape });

const initializer = (name: string, value: Value, tensor: NonNullable<Value["constant"]>): Initializer => ({ name, dtype: value.dtype, shape: value.shape, load: () => tensor });

const asGraph = (program: Program, outputs: readonly Value[]): Graph => {
  const needed = new Set(outputs.map((o) => o.name));
  const kept = [];
  for (const step of [...program.steps].reverse()) {
    if (!step.outputs.some((o) => needed.has(o.name))) continue;
    kept.push(step);
    for (const input of step.inputs) if (input) needed.add(input.name);
  }
  kept.reverse();
  const initializers = new Map<string, Initializer>();
  for (const step of kept) for (const input of step.inputs) if (input?.constant) initializers.set(input.name, initializer(input.name, input, input.constant));
  const nodes: Node[] = kept.map((step) => ({ op: step.op, domain: step.domain, name: `${step.name}|${step.outputs[0]?.name ?? ""}`, inputs: step.inputs.map((i) => i?.name ?? ""), outputs: step.outputs.map((o) => o.name), attributes: step.attributes }));
  const made = new Set(kept.flatMap((step) => step.outputs.map((o) => o.name)));
  const results: ValueInfo[] = [];
  for (const output of outputs) {
    // An output that is an input or a constant itself needs a step of its own to be one.
    if (!made.has(output.name)) {
      if (output.constant) initializers.set(output.name, initializer(output.name, output, output.constant));
      nodes.push({ op: "Identity", domain: "", name: `out:${output.name}`, inputs: [output.name], outputs: [`${output.name}:out`], attributes: {} });
      results.push({ ...info(output), name: `${output.name}:out` });
    } else results.push(info(output));
  }
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
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** As `emit`, with constants over `limit` bytes (default 1 MiB) as inputs: what is serialised stays small, and no copy of them is made. */
export const emitFed = (program: Program, outputs: readonly Value[] = program.outputs, limit?: number): FedModel => {
  const { graph, fed } = feedLarge(asGraph(program, outputs), undefined, limit);
  return { model: serialised(graph), feeds: Object.fromEntries(fed.map((i) => [i.name, i.load()])) };
};

/** The name under which `emit` returns a value. */
export const outputName = (program: Program, value: Value): string => (program.steps.some((s) => s.outputs.some((o) => o.name === value.name)) ? value.name : `${value.name}:out`);
