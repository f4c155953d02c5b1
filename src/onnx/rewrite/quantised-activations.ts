import { float32 } from "../../core/tensor.ts";
import type { Initializer, Node } from "../graph.ts";
import { Names } from "./names.ts";
import { listed, type Pass } from "./pass.ts";
import { rangeOf } from "./quantisation.ts";

const scalarOf = (initializer: Initializer | undefined): number | undefined => (initializer?.shape.every((d) => d === 1) === true ? Number(initializer.load().data[0]) : undefined);

/** The interval outside of which a pair of QuantizeLinear and DequantizeLinear cuts values off; undefined where it differs by channel or is not stored. */
const interval = (node: Node, initializers: ReadonlyMap<string, Initializer>): readonly [number, number] | undefined => {
  const scale = scalarOf(initializers.get(node.inputs[1] ?? ""));
  const stored = initializers.get(node.inputs[2] ?? "");
  const zero = (node.inputs[2] ?? "") === "" ? 0 : scalarOf(stored);
  const range = rangeOf(stored);
  return scale === undefined || zero === undefined || !range ? undefined : [(range[0] - zero) * scale, (range[1] - zero) * scale];
};

/**
 * QuantizeLinear followed by DequantizeLinear on an activation rounds it to a grid; its derivative is zero almost everywhere. The pair is
 * replaced by what it does beside rounding, cutting off at the ends of the grid, so that the network can be differentiated.
 * (The straight-through estimator, made a property of the analysed function, so that finite differences agree with it.)
 */
export const openQuantisedActivations: Pass = (model) => {
  const { graph } = model;
  const pairs = new Map(graph.nodes.flatMap((node): [string, Node][] => (node.op === "QuantizeLinear" && interval(node, graph.initializers) ? [[node.outputs[0] ?? "", node]] : [])));
  const names = new Names(graph);
  const initializers = new Map(graph.initializers);
  const opened: string[] = [];
  const bound = (at: string, what: string, value: number): string => {
    const name = names.fresh(`${at}/${what}`);
    initializers.set(name, { name, dtype: "float32", shape: [], load: () => float32([], [value]) });
    return name;
  };
  const nodes = graph.nodes.map((node): Node => {
    const source = node.op === "DequantizeLinear" ? pairs.get(node.inputs[0] ?? "") : undefined;
    const limits = source && interval(source, graph.initializers);
    if (!source || !limits || source.inputs[1] !== node.inputs[1]) return node;
    opened.push(source.inputs[0] ?? "");
    const [low, high] = limits;
    const clip = { op: "Clip", domain: "", name: node.name, outputs: node.outputs };
    if ((model.opsets.get("") ?? 0) < 11) return { ...clip, inputs: [source.inputs[0] ?? ""], attributes: { min: { type: "float", value: low }, max: { type: "float", value: high } } };
    return { ...clip, inputs: [source.inputs[0] ?? "", bound(node.name, "low", low), bound(node.name, "high", high)], attributes: {} };
  });
  if (opened.length === 0) return { model, warnings: [] };
  const read = new Set([...nodes.flatMap((n) => n.inputs), ...graph.outputs.map((o) => o.name)]);
  const kept = nodes.filter((n) => !pairs.has(n.outputs[0] ?? "") || read.has(n.outputs[0] ?? ""));
  return {
    model: { ...model, graph: { ...graph, nodes: kept, initializers } },
    warnings: [{
      code: "ACTIVATIONS_QUANTISED",
      message: `The model rounds ${opened.length} activations to integers (${listed(opened)}): that has derivative zero almost everywhere, and is left out. Values are still cut off where the integers end.`,
      hint: "Outputs differ from the file's by the rounding. Analyze the file from before quantisation to have neither.",
    }],
  };
};
