import type { Graph, Initializer, Model, Node } from "../graph.ts";
import { type Use, usesOf } from "../uses.ts";
import { plainName } from "./dequantise-weights.ts";
import { Names } from "./names.ts";
import { listed, type Pass } from "./pass.ts";
import { dequantised, storedOperands } from "./quantisation.ts";

/** A product in integers and the nodes around it that make it one in floating point: x·((W − zero)·scale). */
interface IntegerProduct {
  readonly product: Node;
  /** The multiplication whose result is the product in floating point. */
  readonly last: Node;
  /** x before it is rounded. */
  readonly x: string;
  readonly weight: Initializer;
}

const FLOATING: Readonly<Record<string, string>> = { MatMulInteger: "MatMul", ConvInteger: "Conv" };

interface Scope {
  readonly graph: Graph;
  readonly makers: ReadonlyMap<string, Node>;
  readonly uses: ReadonlyMap<string, readonly Use[]>;
}

const onlyUse = (name: string | undefined, { uses }: Scope): Node | undefined => {
  const own = uses.get(name ?? "") ?? [];
  return own.length === 1 ? own[0]?.node : undefined;
};

/** W as floating numbers, under the name that it had before. */
const weightOf = (product: Node, scale: string, { graph }: Scope, names: Names): Initializer | undefined => {
  const stored = graph.initializers.get(product.inputs[1] ?? "");
  if (!stored) return undefined;
  // Scales by channel belong to the columns of a matrix and to the first axis of a kernel.
  const axis = product.op === "MatMulInteger" ? stored.shape.length - 1 : 0;
  const as: Node = { op: "DequantizeLinear", domain: "", name: product.name, inputs: [stored.name, scale, product.inputs[3] ?? ""], outputs: [], attributes: { axis: { type: "int", value: BigInt(axis) } } };
  const q = storedOperands(as, graph.initializers, stored);
  if (!q) return undefined;
  return { name: names.fresh(plainName(stored.name)), dtype: "float32", shape: stored.shape, load: () => dequantised(q), origin: "dequantised" };
};

/** DynamicQuantizeLinear → MatMulInteger → Cast → Mul by the product of both scales, as ONNX Runtime's quantiser writes it. */
const matched = (product: Node, scope: Scope, names: Names): IntegerProduct | undefined => {
  if (FLOATING[product.op] === undefined || product.domain !== "") return undefined;
  const rounding = scope.makers.get(product.inputs[0] ?? "");
  if (rounding?.op !== "DynamicQuantizeLinear" || product.inputs[0] !== rounding.outputs[0] || product.inputs[2] !== rounding.outputs[2]) return undefined;
  const cast = onlyUse(product.outputs[0], scope);
  const last = cast?.op === "Cast" ? onlyUse(cast.outputs[0], scope) : undefined;
  if (last?.op !== "Mul" || !cast) return undefined;
  const scales = scope.makers.get(last.inputs.find((name) => name !== cast.outputs[0]) ?? "");
  const scale = scales?.op === "Mul" ? scales.inputs.find((name) => name !== rounding.outputs[1]) : undefined;
  if (!scales?.inputs.includes(rounding.outputs[1] ?? "") || scale === undefined) return undefined;
  const weight = weightOf(product, scale, scope, names);
  return weight && { product, last, x: rounding.inputs[0] ?? "", weight };
};

/** A lookup of integers that are dequantised after it: the table itself in floating point. */
const lookup = (node: Node, { graph, makers }: Scope, names: Names): { readonly gather: Node; readonly table: Initializer } | undefined => {
  const gather = node.op === "DequantizeLinear" ? makers.get(node.inputs[0] ?? "") : undefined;
  const table = graph.initializers.get(gather?.inputs[0] ?? "");
  const q = gather?.op === "Gather" && table ? storedOperands({ ...node, attributes: {} }, graph.initializers, table) : undefined;
  if (!gather || !q || q.scale.shape.some((d) => d > 1)) return undefined;
  return { gather, table: { name: names.fresh(plainName(q.x.name)), dtype: "float32", shape: q.x.shape, load: () => dequantised(q), origin: "dequantised" } };
};

/** Without the nodes that only made what nobody reads any more. */
const pruned = (nodes: readonly Node[], graph: Graph, dropped: ReadonlySet<string>): readonly Node[] => {
  const needed = new Set(graph.outputs.map((o) => o.name));
  return [...nodes].reverse().filter((node) => {
    if (dropped.has(node.op) && !node.outputs.some((o) => needed.has(o))) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  }).reverse();
};

const ROUNDING = new Set(["DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "Cast", "Mul", "Gather"]);

/**
 * Products in integers of activations that are rounded on the way (dynamic quantisation) become products with the dequantised weight, which
 * is the parameter; so do lookups in quantised tables. The rounding of activations, whose derivative is zero, is left out.
 */
export const openDynamicQuantisation: Pass = (model: Model) => {
  const { graph } = model;
  const names = new Names(graph);
  const scope: Scope = { graph, makers: new Map(graph.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const))), uses: usesOf(graph) };
  const replaced = new Map<Node, Node>();
  const made: Initializer[] = [];
  for (const node of graph.nodes) {
    const found = matched(node, scope, names);
    const table = lookup(node, scope, names);
    if (found) replaced.set(found.last, { ...found.product, op: FLOATING[found.product.op] ?? "", inputs: [found.x, found.weight.name], outputs: found.last.outputs });
    if (table) replaced.set(node, { ...table.gather, inputs: [table.table.name, ...table.gather.inputs.slice(1)], outputs: node.outputs });
    if (found) made.push(found.weight);
    if (table) made.push(table.table);
  }
  if (made.length === 0) return { model, warnings: [] };
  const nodes = pruned(graph.nodes.map((node) => replaced.get(node) ?? node), graph, ROUNDING);
  return {
    model: { ...model, graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...made.map((i) => [i.name, i] as const)]) } },
    warnings: [{
      code: "WEIGHTS_DEQUANTISED",
      message: `${listed(made.map((i) => i.name))} ${made.length === 1 ? "is" : "are"} stored as integers for dynamic quantisation: the parameters are the dequantised numbers, and activations are not rounded.`,
      hint: "The Jacobian is that of the rounded weights. Analyze the file from before quantisation for that of the trained ones.",
    }],
  };
};
