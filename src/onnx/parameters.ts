import { isFloat, sizeOf } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { dependence, readsOf } from "./dependence.ts";
import { glob } from "./glob.ts";
import type { Graph, Initializer } from "./graph.ts";

/** One floating initializer: whether its entries are columns of the Jacobian, and why or why not. */
export interface ParameterChoice {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of entries. */
  readonly count: number;
  /** Module that holds it, by its name: "blocks.0.conv1" of "blocks.0.conv1.weight". */
  readonly layer: string;
  readonly chosen: boolean;
  readonly reason: string;
}

/** Operands that steer an operator or are statistics, not weights: by operator, their places and what they are. */
const NOT_WEIGHTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  BatchNormalization: { 3: "running mean of BatchNormalization", 4: "running variance of BatchNormalization" },
  Clip: { 1: "bound of Clip", 2: "bound of Clip" },
  Dropout: { 1: "ratio of Dropout" },
  Pad: { 2: "padding value" },
  Pow: { 1: "exponent" },
  Range: { 0: "bound of Range", 1: "bound of Range", 2: "step of Range" },
  Resize: { 1: "region of Resize", 2: "scale of Resize" },
  Upsample: { 1: "scale of Upsample" },
  OneHot: { 2: "values of OneHot" },
  QuantizeLinear: { 1: "quantisation scale" },
  DequantizeLinear: { 1: "quantisation scale" },
};

/** Names that exporters give to constants of their own. */
const MACHINE_MADE = /^(onnx::|\/|_?val_|\d+$)|Constant/;

/** The module that a parameter belongs to: its name without the last part. */
export const layerOf = (name: string): string => /^(.+)[./][^./]+$/.exec(name)?.[1] ?? name;

/** What each initializer is used for where that is not as a weight. */
const roles = (graph: Graph): ReadonlyMap<string, string> => {
  const uses = new Map<string, (string | undefined)[]>();
  for (const node of graph.nodes) {
    node.inputs.forEach((name, place) => {
      if (graph.initializers.has(name)) uses.set(name, [...(uses.get(name) ?? []), NOT_WEIGHTS[node.op]?.[place]]);
    });
  }
  const found = new Map<string, string>();
  for (const [name, own] of uses) {
    const [first] = own;
    if (first !== undefined && own.every((use) => use !== undefined)) found.set(name, first);
  }
  return found;
};

/** Initializers from which some path leads to an output. */
const reachable = (graph: Graph): ReadonlySet<string> => {
  const wanted = new Set(graph.outputs.map((o) => o.name));
  for (const node of [...graph.nodes].reverse()) if (node.outputs.some((o) => wanted.has(o))) for (const name of readsOf(node)) wanted.add(name);
  return wanted;
};

const defaultReason = (initializer: Initializer, role: string | undefined, used: boolean): string | null => {
  if (!used) return "not used by the output";
  if (role !== undefined) return role;
  if (initializer.shape.length === 0 && MACHINE_MADE.test(initializer.name)) return "scalar constant of the exporter";
  return null;
};

/**
 * Which initializers are parameters, in the file's order. Without globs: every floating one that is used as a weight. With globs: those
 * that match one without "!" (all defaults if there is none) and none with "!".
 * @throws LensError PARAMETER_NONE when nothing is left, PARAMETER_UNKNOWN for a pattern that matches nothing.
 */
export const chooseParameters = (graph: Graph, globs: readonly string[] = []): readonly ParameterChoice[] => {
  const role = roles(graph);
  const used = reachable(graph);
  const candidates = [...graph.initializers.values()].filter((initializer) => isFloat(initializer.dtype) && sizeOf(initializer.shape) > 0);
  const wanted = globs.filter((pattern) => !pattern.startsWith("!")).map((pattern) => ({ pattern, test: glob(pattern) }));
  const unwanted = globs.filter((pattern) => pattern.startsWith("!")).map((pattern) => ({ pattern, test: glob(pattern.slice(1)) }));
  for (const { pattern, test } of [...wanted, ...unwanted]) {
    if (!candidates.some((c) => test(c.name))) throw new LensError("PARAMETER_UNKNOWN", `No parameter matches "${pattern}".`, `The model has: ${candidates.map((c) => c.name).slice(0, 12).join(", ")}${candidates.length > 12 ? ", …" : ""}.`);
  }
  const choices = candidates.map((initializer): ParameterChoice => {
    const { name, shape } = initializer;
    const excluded = defaultReason(initializer, role.get(name), used.has(name));
    const include = wanted.find(({ test }) => test(name));
    const exclude = unwanted.find(({ test }) => test(name));
    const about = { name, shape, count: sizeOf(shape), layer: layerOf(name) };
    if (exclude) return { ...about, chosen: false, reason: `excluded by "${exclude.pattern}"` };
    if (wanted.length > 0) return { ...about, chosen: include !== undefined && used.has(name), reason: include ? (used.has(name) ? `chosen by "${include.pattern}"` : "not used by the output") : "not named by --parameters" };
    return { ...about, chosen: excluded === null, reason: excluded ?? "floating initializer used as a weight" };
  });
  if (!choices.some((c) => c.chosen)) throw new LensError("PARAMETER_NONE", "The model has no floating parameter to differentiate with respect to.", "Export the model with its weights as initializers, or name some with --parameters.");
  return choices;
};

/** Whether any output depends on the chosen parameters at all. */
export const outputsDepend = (graph: Graph, chosen: ReadonlySet<string>): boolean => {
  const depends = dependence(graph, chosen);
  return graph.outputs.some((o) => depends.get(o.name)?.onParameters === true);
};
