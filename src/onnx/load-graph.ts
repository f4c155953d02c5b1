import { sizeOf } from "../core/tensor.ts";
import { BYTES } from "./data-types.ts";
import type { Executor, LoadedGraph } from "./executor.ts";
import type { Graph, Initializer } from "./graph.ts";
import { readsOf } from "./dependence.ts";
import { writeModel } from "./write.ts";

/** Stored tensors larger than this are fed to a run instead of being written into the model it loads, which must stay under 2 GB. */
export const EMBEDDED_BYTES = 2 ** 20;

/** A graph with some stored tensors turned into inputs. */
export interface Fed {
  readonly graph: Graph;
  readonly fed: readonly Initializer[];
}

/** Turns the named initializers, and all larger than `limit` bytes, into inputs of the graph. */
export const feedLarge = (graph: Graph, named: ReadonlySet<string> = new Set(), limit = EMBEDDED_BYTES): Fed => {
  const isFed = ({ name, dtype, shape }: Initializer): boolean => named.has(name) || sizeOf(shape) * BYTES[dtype] > limit;
  const all = [...graph.initializers.values()];
  const fed = all.filter(isFed);
  const inputs = [...graph.inputs, ...fed.map(({ name, dtype, shape }) => ({ name, dtype, shape }))];
  return { graph: { ...graph, inputs, initializers: new Map(all.filter((i) => !isFed(i)).map((i) => [i.name, i])) }, fed };
};

/**
 * Loads a graph as written, without optimising it. Parameters and large stored tensors are inputs of what is loaded, and are fed on each
 * run: no copy of them is made, and what is serialised stays small. `limit` in bytes. @throws LensError RUNTIME_LOAD.
 */
export const loadGraph = async (executor: Executor, graph: Graph, opsets: ReadonlyMap<string, number>, { parameters, limit }: { readonly parameters?: ReadonlySet<string>; readonly limit?: number } = {}): Promise<LoadedGraph> => {
  const used = usedBy(graph);
  const needed: Graph = { ...graph, initializers: new Map([...graph.initializers].filter(([name]) => used.has(name))) };
  const { graph: open, fed } = feedLarge(needed, parameters, limit);
  const session = await executor.load(writeModel(open, opsets), { optimise: "none", place: "host" });
  return {
    outputTypes: session.outputTypes,
    run: (feeds, fetches) => session.run({ ...feeds, ...Object.fromEntries(fed.map((i) => [i.name, i.load()])) }, fetches),
    dispose: () => session.dispose(),
  };
};

/** Names that some node reads or that the graph returns. */
const usedBy = (graph: Graph): ReadonlySet<string> => new Set([...graph.nodes.flatMap(readsOf), ...graph.outputs.map((o) => o.name)]);
