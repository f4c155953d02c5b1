import type { Attribute, Model, Node } from "../graph.ts";
import { Names } from "./names.ts";
import { silent } from "./pass.ts";

/** Operands and results of RNN, GRU and LSTM that have a batch axis, and how their axes lie where the batch comes first. */
const OPERANDS: ReadonlyMap<number, readonly bigint[]> = new Map([[0, [1n, 0n, 2n]], [5, [1n, 0n, 2n]], [6, [1n, 0n, 2n]]]);
const RESULTS: readonly (readonly bigint[])[] = [[2n, 0n, 1n, 3n], [1n, 0n, 2n], [1n, 0n, 2n]];

const RECURRENT = new Set(["RNN", "GRU", "LSTM"]);

const isBatchFirst = ({ op, domain, attributes }: Node): boolean => domain === "" && RECURRENT.has(op) && attributes.layout?.type === "int" && attributes.layout.value === 1n;

const exchange = (from: string, to: string, perm: readonly bigint[]): Node => ({ op: "Transpose", domain: "", name: `${to}:exchange`, inputs: [from], outputs: [to], attributes: { perm: { type: "ints", value: perm } } });

/** One node with its time axis first, between the nodes that exchange the axes. */
const timeFirst = (node: Node, names: Names): Node[] => {
  const before: Node[] = [];
  const inputs = node.inputs.map((name, place) => {
    const perm = OPERANDS.get(place);
    if (name === "" || !perm) return name;
    const inner = names.fresh(`${name}:time-first`);
    before.push(exchange(name, inner, perm));
    return inner;
  });
  const after: Node[] = [];
  const outputs = node.outputs.map((name, place) => {
    const perm = RESULTS[place];
    if (name === "" || !perm) return name;
    const inner = names.fresh(`${name}:time-first`);
    after.push(exchange(inner, name, perm));
    return inner;
  });
  const attributes: Record<string, Attribute> = Object.fromEntries(Object.entries(node.attributes).filter(([key]) => key !== "layout"));
  return [...before, { ...node, inputs, outputs, attributes }, ...after];
};

/** Recurrent nodes with the batch first (layout 1), which ONNX Runtime refuses to load, with time first instead. */
export const recurrentLayout = silent((model: Model): Model => {
  const { graph } = model;
  if (!graph.nodes.some(isBatchFirst)) return model;
  const names = new Names(graph);
  return { ...model, graph: { ...graph, nodes: graph.nodes.flatMap((node) => (isBatchFirst(node) ? timeFirst(node, names) : [node])) } };
});
