import { type Node, intAttribute, intsAttribute } from "../../graph.ts";
import { identities } from "../instantiate.ts";
import { type Answers, asBody, bodyOf } from "./answers.ts";
import { bounded } from "./bounded.ts";
import { emptyTensor } from "./expand-loop.ts";
import type { Pieces } from "./pieces.ts";

interface Plan {
  readonly node: Node;
  readonly count: number;
  readonly states: readonly string[];
  readonly scanned: readonly string[];
  readonly inputAxes: readonly number[];
  readonly inputDirections: readonly number[];
  readonly outputAxes: readonly number[];
  readonly outputDirections: readonly number[];
}

/** All steps of one Scan: final states, then stacked outputs ([] parts where no step is taken). */
const steps = ({ node, count, states, scanned, ...plan }: Plan, pieces: Pieces, mark: string): { states: readonly string[]; stacked: readonly string[] } => {
  const body = asBody(bodyOf(node, "body"));
  const slices = scanned.map((name, i) => {
    const parts = pieces.slices(name, plan.inputAxes[i] ?? 0, count);
    return plan.inputDirections[i] === 1 ? parts.reverse() : parts;
  });
  let state = states;
  const collected: string[][] = body.outputs.slice(states.length).map(() => []);
  for (let t = 0; t < count; t++) {
    const results = pieces.copy(body, [...state, ...slices.map((parts) => parts[t] ?? "")], `${mark}${t}/`);
    state = results.slice(0, states.length);
    collected.forEach((parts, i) => parts.push(results[states.length + i] ?? ""));
  }
  const stacked = collected.map((parts, i) => (parts.length === 0 ? "" : pieces.stack(plan.outputDirections[i] === 1 ? parts.reverse() : parts, plan.outputAxes[i] ?? 0)));
  return { states: state, stacked };
};

/** Opset 8: a batch axis comes first everywhere, and each of its entries is scanned on its own along the next axis. */
const batched = (plan: Plan, samples: number, pieces: Pieces): readonly string[] => {
  const apart = (names: readonly string[]): string[][] => names.map((name) => pieces.slices(name, 0, samples));
  const states = apart(plan.states);
  const scanned = apart(plan.scanned);
  const results = Array.from({ length: samples }, (_, b) => {
    const done = steps({ ...plan, states: states.map((s) => s[b] ?? ""), scanned: scanned.map((s) => s[b] ?? "") }, pieces, `${b}/`);
    return [...done.states, ...done.stacked];
  });
  return (results[0] ?? []).map((_, place) => pieces.stack(results.map((r) => r[place] ?? ""), 0));
};

/**
 * The body of a Scan once for each slice of its scanned inputs; undefined where their number is not known.
 * Body: states and one slice of each scanned input to new states and one slice of each scanned output.
 * @source ONNX operators, Scan 8, 9 and 11.
 */
export const expandScan = (node: Node, answers: Answers, pieces: Pieces): readonly Node[] | undefined => {
  const count = answers.count(node);
  if (count === undefined) return undefined;
  const graph = bodyOf(node, "body");
  bounded(node, count, graph);
  const old = pieces.opset < 9;
  const operands = old ? node.inputs.slice(1) : node.inputs;
  const scans = intAttribute(node, "num_scan_inputs", 1);
  const plan: Plan = {
    node, count,
    states: operands.slice(0, operands.length - scans),
    scanned: operands.slice(operands.length - scans),
    inputAxes: intsAttribute(node, "scan_input_axes") ?? [],
    inputDirections: intsAttribute(node, old ? "directions" : "scan_input_directions") ?? [],
    outputAxes: intsAttribute(node, "scan_output_axes") ?? [],
    outputDirections: intsAttribute(node, "scan_output_directions") ?? [],
  };
  if (old) {
    const samples = answers.type(plan.scanned[0] ?? "")?.shape[0];
    if (samples === undefined || node.inputs[0] !== "" || count === 0) return undefined;
    return finished(batched(plan, samples, pieces), node, pieces);
  }
  const done = steps(plan, pieces, "");
  const stacked = done.stacked.map((name, i) => {
    const type = answers.type(node.outputs[plan.states.length + i] ?? "");
    return name === "" && type ? pieces.constant(emptyTensor(type.shape, type.dtype), "empty") : name;
  });
  return finished([...done.states, ...stacked], node, pieces);
};

const finished = (results: readonly string[], node: Node, pieces: Pieces): readonly Node[] => [...pieces.nodes, ...identities(results, node.outputs)];
