import { isFloat } from "../../core/tensor.ts";
import type { Graph, Initializer, Node } from "../graph.ts";
import { notWeight } from "../roles.ts";
import { finalUses, type Use, usesOf } from "../uses.ts";
import { listed, type Pass, type RewriteOptions } from "./pass.ts";

/** Names that stand for one stored tensor: its own and those that Identity nodes give it. */
interface Group {
  readonly initializer: Initializer;
  readonly aliases: string[];
}

const groupsOf = (graph: Graph): readonly Group[] => {
  const groups = new Map<string, Group>();
  const source = new Map<string, Group>();
  const returned = new Set(graph.outputs.map((o) => o.name));
  for (const node of graph.nodes) {
    const [from = ""] = node.inputs;
    const [to = ""] = node.outputs;
    if (node.op !== "Identity" || node.domain !== "" || returned.has(to)) continue;
    const initializer = graph.initializers.get(from);
    const group = source.get(from) ?? (initializer && isFloat(initializer.dtype) ? { initializer, aliases: [] } : undefined);
    if (!group) continue;
    group.aliases.push(to);
    groups.set(group.initializer.name, group);
    source.set(from, group);
    source.set(to, group);
  }
  return [...groups.values()];
};

type Uses = ReadonlyMap<string, readonly Use[]>;

/** Uses of one name alone: those of its aliases are their own. */
const ownUses = (name: string, aliases: ReadonlySet<string>, uses: Uses): readonly Use[] =>
  (uses.get(name) ?? []).flatMap((use) => (use.node.op === "Identity" && aliases.has(use.node.outputs[0] ?? "") ? [] : use.node.op === "Identity" ? finalUses(use.node.outputs[0] ?? "", uses) : [use]));

const isLookup = (uses: readonly Use[]): boolean => uses.length > 0 && uses.every(({ node, place }) => node.op === "Gather" && place === 0);

/** An embedding and the output layer that shares it: no two tensors of such different use are equal unless they are one parameter. */
const isTiedEmbedding = ({ initializer, aliases }: Group, uses: Uses): boolean => {
  const all = new Set(aliases);
  const kinds = [initializer.name, ...aliases].map((name) => ownUses(name, all, uses)).filter((own) => own.length > 0).map(isLookup);
  return kinds.includes(true) && kinds.includes(false);
};

/** Aliases of a group that become initializers of their own. */
const separated = (group: Group, uses: Uses, { keepTied = false }: RewriteOptions): readonly string[] => {
  if (!keepTied) return isTiedEmbedding(group, uses) ? [] : group.aliases;
  // Statistics of a BatchNorm that happen to equal a weight are never the same parameter.
  const all = new Set(group.aliases);
  return group.aliases.filter((alias) => ownUses(alias, all, uses).every((use) => notWeight(use) !== undefined));
};

/** Initializers with the separated ones after the tensor they were stored with. */
const withSeparated = (graph: Graph, by: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, Initializer> =>
  new Map([...graph.initializers].flatMap(([name, initializer]) => [[name, initializer] as const, ...(by.get(name) ?? []).map((alias): [string, Initializer] => [alias, { ...initializer, name: alias, origin: "untied" }])]));

/**
 * Exporters store equal tensors once and name the others by Identity nodes; in an untrained network that merges the scales of all
 * BatchNorms, and the layers of a transformer that start as copies of one another. Each name becomes a parameter of its own again.
 * An embedding that is also the weight of another layer stays one parameter.
 */
export const untie: Pass = (model, options) => {
  const { graph } = model;
  const uses = usesOf(graph);
  const groups = groupsOf(graph);
  const split = new Map(groups.map((group) => [group.initializer.name, separated(group, uses, options)]));
  const names = new Set([...split.values()].flat());
  const nodes = graph.nodes.filter((node: Node) => !(node.op === "Identity" && names.has(node.outputs[0] ?? "")));
  const weights = [...names].filter((name) => finalUses(name, uses).some((use) => notWeight(use) === undefined));
  const tied = options.keepTied === true ? [] : groups.filter((group) => isTiedEmbedding(group, uses));
  return {
    model: { ...model, graph: { ...graph, nodes, initializers: withSeparated(graph, split) } },
    warnings: [
      ...(weights.length === 0 ? [] : [{
        code: "PARAMETERS_UNTIED",
        message: `The exporter stored tensors of equal content once; ${listed(weights)} ${weights.length === 1 ? "is" : "are"} taken as ${weights.length === 1 ? "a parameter" : "parameters"} of ${weights.length === 1 ? "its" : "their"} own.`,
        hint: "That is right for an untrained network, whose layers start equal. If they are one parameter in the network, keep them tied with --keep-tied.",
      }]),
      ...tied.map((group) => ({
        code: "PARAMETERS_TIED",
        message: `${listed([group.initializer.name, ...group.aliases])} share one tensor, as an embedding and as the weight of another layer: taken as one parameter.`,
        hint: "Its derivative is the sum over both uses. Export with tie_word_embeddings=False if they are two.",
      })),
    ],
  };
};
