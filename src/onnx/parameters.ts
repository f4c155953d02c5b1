import { isFloat, sizeOf } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { dependence, readsOf } from "./dependence.ts";
import { glob } from "./glob.ts";
import type { Graph, Initializer } from "./graph.ts";
import { layerOf, MACHINE_MADE, moduleOfNode } from "./layer-names.ts";
import { isWeightUse, makersOf, notWeight } from "./roles.ts";
import { finalUses, type Use, usesOf } from "./uses.ts";

export { layerOf } from "./layer-names.ts";

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

/** Initializers from which some path leads to an output. */
const reachable = (graph: Graph): ReadonlySet<string> => {
  const wanted = new Set(graph.outputs.map((o) => o.name));
  for (const node of [...graph.nodes].reverse()) if (node.outputs.some((o) => wanted.has(o))) for (const name of readsOf(node)) wanted.add(name);
  return wanted;
};

/** What is known about the uses of initializers. */
interface Usage {
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  readonly makers: ReadonlyMap<string, string>;
  readonly reachable: ReadonlySet<string>;
}

const usageOf = (graph: Graph): Usage => ({ uses: usesOf(graph), makers: makersOf(graph), reachable: reachable(graph) });

/** Whether an initializer is a weight by where it is used, whatever it is called. */
const isUsedAsWeight = ({ name, shape }: Initializer, { uses, makers }: Usage): boolean => finalUses(name, uses).some((use) => isWeightUse(use, shape, makers));

/** Ones and zeros where InstanceNormalization must have a scale and a shift: PyTorch's GroupNorm and those without either are exported so. */
const isFiller = (initializer: Initializer, uses: readonly Use[]): boolean => {
  if (uses.length === 0 || !uses.every(({ node, place }) => node.op === "InstanceNormalization" && place > 0)) return false;
  const { data } = initializer.load();
  return uses.every(({ place }) => data.every((value) => Number(value) === (place === 1 ? 1 : 0)));
};

/** Why an initializer is not a parameter by default; null for one that is. */
const exclusion = (initializer: Initializer, usage: Usage): string | null => {
  const { name, shape, origin } = initializer;
  if (!usage.reachable.has(name)) return "not used by the output";
  const own = finalUses(name, usage.uses);
  const [role] = own.map(notWeight);
  if (role !== undefined && own.every((use) => notWeight(use) !== undefined)) return role;
  const unnamed = origin === "constant node" || MACHINE_MADE.test(name);
  if (unnamed && isFiller(initializer, own)) return "ones or zeros of the exporter, where a scale or shift must be";
  if (!unnamed || isUsedAsWeight(initializer, usage)) return null;
  return sizeOf(shape) === 1 ? "scalar constant of the exporter" : "constant of the exporter, not used as a weight";
};

const REASONS = {
  "constant node": "stored in a Constant node and used as a weight",
  untied: "floating initializer used as a weight, stored once with others of equal content",
  dequantised: "dequantised weight",
  subgraph: "stored inside a loop or branch and used as a weight",
} as const;

/** The module of an initializer; one whose name the exporter made up belongs to the node that uses it. */
const layerIn = (name: string, { uses }: Usage): string => {
  if (!MACHINE_MADE.test(name)) return layerOf(name);
  const [use] = finalUses(name, uses);
  return (use && moduleOfNode(use.node.name)) ?? layerOf(name);
};

/** Names of the initializers that are parameters by default only because a Constant node holds what is used as a weight, and the like. */
export const chosenByOrigin = (graph: Graph, origin: NonNullable<Initializer["origin"]>): readonly string[] => {
  const usage = usageOf(graph);
  return [...graph.initializers.values()].filter((i) => i.origin === origin && isFloat(i.dtype) && sizeOf(i.shape) > 0 && exclusion(i, usage) === null).map((i) => i.name);
};

/** The first names of a list. */
const listed = (tensors: readonly Initializer[]): string => `${tensors.slice(0, 12).map((t) => t.name).join(", ")}${tensors.length > 12 ? ", …" : ""}`;

/** Why there is nothing to differentiate by: `own` are the parameters without patterns. */
const noneLeft = (own: readonly Initializer[], globs: readonly string[]): LensError => {
  if (globs.length === 0 || own.length === 0) return new LensError("PARAMETER_NONE", "The model has no floating parameter to differentiate with respect to.", "Export the model with its weights as initializers, or name some with --parameters.");
  const patterns = globs.map((pattern) => `"${pattern}"`).join(", ");
  return new LensError("PARAMETER_NONE", `--parameters ${patterns} leaves none of the model's ${own.length} parameter${own.length === 1 ? "" : "s"}.`, `Leave fewer out, or name some that the output depends on; the model has: ${listed(own)}.`);
};

/**
 * Which initializers are parameters, in the file's order. Without globs: every floating one that is used as a weight. With globs: those
 * that match one without "!" (all defaults if there is none) and none with "!".
 * @throws LensError PARAMETER_NONE when nothing is left, PARAMETER_UNKNOWN for a pattern that matches nothing.
 */
export const chooseParameters = (graph: Graph, globs: readonly string[] = []): readonly ParameterChoice[] => {
  const usage = usageOf(graph);
  const candidates = [...graph.initializers.values()].filter((initializer) => isFloat(initializer.dtype) && sizeOf(initializer.shape) > 0);
  const wanted = globs.filter((pattern) => !pattern.startsWith("!")).map((pattern) => ({ pattern, test: glob(pattern) }));
  const unwanted = globs.filter((pattern) => pattern.startsWith("!")).map((pattern) => ({ pattern, test: glob(pattern.slice(1)) }));
  for (const { pattern, test } of [...wanted, ...unwanted]) {
    if (!candidates.some((c) => test(c.name))) throw new LensError("PARAMETER_UNKNOWN", `No parameter matches "${pattern}".`, `The model has: ${listed(candidates)}.`);
  }
  const choices = candidates.map((initializer): ParameterChoice => {
    const { name, shape } = initializer;
    const excluded = exclusion(initializer, usage);
    const used = usage.reachable.has(name);
    const include = wanted.find(({ test }) => test(name));
    const exclude = unwanted.find(({ test }) => test(name));
    const about = { name, shape, count: sizeOf(shape), layer: layerIn(name, usage) };
    if (exclude) return { ...about, chosen: false, reason: `excluded by "${exclude.pattern}"` };
    if (wanted.length > 0) return { ...about, chosen: include !== undefined && used, reason: include ? (used ? `chosen by "${include.pattern}"` : "not used by the output") : "not named by --parameters" };
    return { ...about, chosen: excluded === null, reason: excluded ?? (initializer.origin ? REASONS[initializer.origin] : "floating initializer used as a weight") };
  });
  if (!choices.some((c) => c.chosen)) throw noneLeft(candidates.filter((c) => exclusion(c, usage) === null), globs);
  return choices;
};

/** Whether any output depends on the chosen parameters at all. */
export const outputsDepend = (graph: Graph, chosen: ReadonlySet<string>): boolean => {
  const depends = dependence(graph, chosen);
  return graph.outputs.some((o) => depends.get(o.name)?.onParameters === true);
};
