import { type DType, type Tensor, toNumbers } from "../../../core/tensor.ts";
import { LensError } from "../../../core/errors.ts";
import { dependence, dependenceOfCount, readsOf } from "../../dependence.ts";
import { type Graph, type Model, type Node, describe, intAttribute, intsAttribute } from "../../graph.ts";
import type { Executor } from "../../executor.ts";
import { loadGraph } from "../../load-graph.ts";
import { type Answers, bodyOf, keyOf, storedAnswers } from "./answers.ts";
import { sequenceNames, steeringOf } from "./sequence-names.ts";

const COUNT_OF = "jl-count:";
const SHAPE_OF = "jl-shape:";

const shapeNode = (name: string): Node => ({ op: "Shape", domain: "", name: SHAPE_OF + name, inputs: [name], outputs: [SHAPE_OF + name], attributes: {} });

/** A Loop that also stacks its iteration numbers: one entry for each iteration that ran. */
const counting = (node: Node): Node => {
  const body = bodyOf(node, "body");
  const source = body.inputs[0]?.name ?? "";
  const name = `${COUNT_OF}${keyOf(node)}`;
  const inner = `${name}:iteration`;
  const graph: Graph = {
    ...body,
    nodes: [...body.nodes, { op: "Identity", domain: "", name: inner, inputs: [source], outputs: [inner], attributes: {} }],
    outputs: [...body.outputs, { name: inner, dtype: "int64", shape: null }],
  };
  // Outputs that the node leaves out keep their places, so that the new one comes last.
  const places = body.outputs.slice(1).map((output, i) => node.outputs[i] ?? `${name}:${output.name}`);
  return { ...node, outputs: [...places.map((place, i) => (place === "" ? `${name}:unused${i}` : place)), name], attributes: { ...node.attributes, body: { type: "graph", value: graph } } };
};

/** What a graph must be run for: values, shapes, and how often bodies run. */
interface Questions {
  readonly values: readonly string[];
  readonly shapes: readonly string[];
  readonly loops: readonly Node[];
  readonly maps: readonly Node[];
}

const questionsOf = (nodes: readonly Node[]): Questions => {
  const sequences = sequenceNames(nodes);
  const own = nodes.filter((n) => n.domain === "");
  const of = (op: string): Node[] => own.filter((n) => n.op === op);
  const operands = (list: readonly Node[]): string[] => list.flatMap((n) => n.inputs).filter((name) => name !== "" && !sequences.has(name));
  const collected = [...of("Loop").flatMap((n) => n.outputs.slice(bodyOf(n, "body").inputs.length - 2)), ...of("Scan").flatMap((n) => n.outputs)];
  return {
    values: [...of("If").flatMap((n) => n.inputs[0] ?? []), ...own.flatMap(steeringOf)],
    shapes: [...new Set([...operands(of("Scan")), ...operands(of("SequenceMap")), ...operands(of("SplitToSequence")), ...collected.filter((name) => name !== "")])],
    loops: of("Loop"),
    maps: of("SequenceMap"),
  };
};

/** Nodes from which some path leads to a wanted value. */
const leadingTo = (nodes: readonly Node[], wanted: ReadonlySet<string>): Node[] => {
  const needed = new Set(wanted);
  return [...nodes].reverse().filter((node) => {
    if (!node.outputs.some((o) => needed.has(o))) return false;
    for (const name of readsOf(node)) needed.add(name);
    return true;
  }).reverse();
};

const dynamic = (node: Node, what: string): LensError =>
  new LensError("MODEL_DYNAMIC", `${what} of ${describe(node)} depends on the data: which operations run differs from sample to sample.`, "Export the model without this branch or loop: torch.onnx.export on a traced model keeps the path that one example takes.");

const refuseDynamic = (model: Model, parameters: ReadonlySet<string>): void => {
  const depends = dependence(model.graph, parameters);
  for (const node of model.graph.nodes) {
    if (node.domain !== "") continue;
    if (node.op === "If" && depends.get(node.inputs[0] ?? "")?.onInput === true) throw dynamic(node, "The condition");
    if (node.op === "Loop" && dependenceOfCount(node, depends).onInput) throw dynamic(node, "The number of iterations");
    const steered = steeringOf(node).find((name) => depends.get(name)?.onInput === true);
    if (steered !== undefined) throw dynamic(node, `Operand "${steered}"`);
  }
};

/**
 * Runs the part of the model that decides its control flow, and tells what came out. `feeds`: the graph's inputs.
 * @throws LensError MODEL_DYNAMIC naming a node whose control flow depends on the data; RUNTIME_LOAD, RUNTIME_RUN.
 */
export const ask = async (executor: Executor, model: Model, parameters: ReadonlySet<string>, feeds: Readonly<Record<string, Tensor>>): Promise<Answers> => {
  refuseDynamic(model, parameters);
  const { graph } = model;
  const stored = storedAnswers(graph);
  const questions = questionsOf(graph.nodes);
  const lengths = questions.maps.map((map): Node => ({ op: "SequenceLength", domain: "", name: COUNT_OF + keyOf(map), inputs: [map.inputs[0] ?? ""], outputs: [COUNT_OF + keyOf(map)], attributes: {} }));
  const all = [...graph.nodes.map((node) => (questions.loops.includes(node) ? counting(node) : node)), ...questions.shapes.map(shapeNode), ...lengths];
  const fetches = [...new Set([...questions.values.filter((name) => !graph.initializers.has(name)), ...[...questions.loops, ...questions.maps].map((n) => COUNT_OF + keyOf(n)), ...questions.shapes.map((name) => SHAPE_OF + name)])];
  if (fetches.length === 0) return stored;
  const types = questions.shapes.filter((name) => graph.nodes.some((n) => n.outputs.includes(name)));
  const nodes = leadingTo(all, new Set(fetches));
  const outputs = [...new Set([...fetches, ...types])].map((name) => ({ name, dtype: null, shape: null }));
  const session = await loadGraph(executor, { ...graph, nodes, outputs }, model.opsets, { parameters });
  try {
    const results = await session.run(feeds, fetches);
    const dtypeOf = (name: string): DType | null | undefined => session.outputTypes[name] ?? feeds[name]?.dtype ?? graph.initializers.get(name)?.dtype;
    return {
      value: (name) => results[name] ?? stored.value(name),
      type(name) {
        const shape = results[SHAPE_OF + name];
        const dtype = dtypeOf(name);
        return shape && dtype ? { shape: toNumbers(shape), dtype } : undefined;
      },
      count(node) {
        const counted = results[COUNT_OF + keyOf(node)];
        if (counted) return node.op === "Loop" ? counted.data.length : Number(counted.data[0]);
        return node.op === "Scan" ? lengthOfScan(node, model.opsets.get("") ?? 0, (name) => results[SHAPE_OF + name]) : undefined;
      },
    };
  } finally {
    await session.dispose();
  }
};

/** Steps of a Scan: the size of its last scanned input along the scanned axis. */
const lengthOfScan = (node: Node, opset: number, shapeOf: (name: string) => Tensor | undefined): number | undefined => {
  const scans = intAttribute(node, "num_scan_inputs", 1);
  const first = node.inputs.length - scans;
  const shape = shapeOf(node.inputs[first] ?? "");
  // Opset 8 scans along the axis after the batch axis.
  const axis = intsAttribute(node, "scan_input_axes")?.[0] ?? (opset < 9 ? 1 : 0);
  const sizes = shape && toNumbers(shape);
  return sizes?.at(axis);
};
