import type { Tensor } from "../../core/tensor.ts";
import { isOfShape, readsOf } from "../dependence.ts";
import type { Executor } from "../executor.ts";
import type { Initializer, Node, ValueInfo } from "../graph.ts";
import { loadGraph } from "../load-graph.ts";
import type { Trace } from "../trace.ts";
import { integersAt, type Pair, sameTensor } from "./affine.ts";

/** What of a model's constants follows the batch size: shapes that change with it, and the nodes that compute from them. */
interface Following {
  /** Results of Shape and Size. */
  readonly seeds: readonly string[];
  readonly nodes: readonly Node[];
}

const constantIn = ({ values }: Trace, name: string): Tensor | undefined => values.get(name)?.constant;

const followingOf = ({ two, three }: Pair): Following => {
  const varying = new Set(two.nodes);
  const found = new Set<string>();
  const seeds: string[] = [];
  const nodes: Node[] = [];
  for (const node of two.model.graph.nodes) {
    if (varying.has(node)) continue;
    const outputs = node.outputs.filter((name) => name !== "");
    if (isOfShape(node) && constantIn(two, node.inputs[0] ?? "") === undefined) {
      const changed = outputs.filter((name) => !sameTensor(constantIn(two, name), constantIn(three, name)));
      seeds.push(...changed);
      for (const name of changed) found.add(name);
    } else if (readsOf(node).some((name) => found.has(name))) {
      nodes.push(node);
      for (const name of outputs) found.add(name);
    }
  }
  return { seeds, nodes };
};

/** Constants that follow the batch size, at any batch size. */
export interface BatchConstants {
  /**
   * Their values; null where one that is the same for two and three samples is another here, or whole numbers that keep their count leave the
   * line through those of two and three (Min(batch, 64) at 80): shapes made of them would as well. Cost: one run of the nodes between a Shape and what uses it. @throws LensError RUNTIME_RUN.
   */
  at(batch: number): Promise<ReadonlyMap<string, Tensor> | null>;
  dispose(): Promise<void>;
}

const asStored = (name: string, tensor: Tensor): Initializer => ({ name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });

/** The nodes as a graph of their own, loaded: what they read is stored but for the seeds, which are fed. */
const loadFollowing = async (executor: Executor, { two }: Pair, { seeds, nodes }: Following) => {
  const { graph, opsets } = two.model;
  const inner = new Set([...seeds, ...nodes.flatMap((node) => node.outputs)]);
  const outer = [...new Set(nodes.flatMap(readsOf))].filter((name) => !inner.has(name));
  const initializers = new Map(outer.flatMap((name) => {
    const tensor = constantIn(two, name);
    return tensor ? [[name, asStored(name, tensor)] as const] : [];
  }));
  const info = (name: string): ValueInfo => ({ name, dtype: null, shape: null });
  const inputs = seeds.map((name): ValueInfo => ({ name, dtype: two.values.get(name)?.dtype ?? "int64", shape: constantIn(two, name)?.shape ?? null }));
  const outputs = nodes.flatMap((node) => node.outputs.filter((name) => name !== "")).map(info);
  return loadGraph(executor, { ...graph, nodes, inputs, outputs, initializers }, opsets);
};

/**
 * The constants of a model that follow the batch size: the engine computes them from the shapes at that size, which are on their lines.
 * Null where a constant changed from one run to the next and follows no shape: a random number.
 * Cost: one unoptimised session of few and small nodes; none where nothing follows the batch. @throws LensError RUNTIME_LOAD.
 */
export const openConstants = async (executor: Executor, pair: Pair): Promise<BatchConstants | null> => {
  const { two, three } = pair;
  const following = followingOf(pair);
  const names = [...following.seeds, ...following.nodes.flatMap((node) => node.outputs)];
  const known = new Set(names);
  if ([...two.values].some(([name, { constant }]) => !known.has(name) && !sameTensor(constant, constantIn(three, name)))) return null;
  const session = following.nodes.length === 0 ? null : await loadFollowing(executor, pair, following);
  const onLine = (name: string, batch: number): Tensor | null => {
    const [a, b] = [constantIn(two, name), constantIn(three, name)];
    if (!a || !b) return null;
    return sameTensor(a, b) ? a : integersAt(a, b, batch);
  };
  return {
    async at(batch) {
      const feeds = Object.fromEntries(following.seeds.flatMap((name) => {
        const tensor = onLine(name, batch);
        return tensor ? [[name, tensor] as const] : [];
      }));
      const made = session ? await session.run(feeds) : {};
      for (const [name, tensor] of Object.entries(made)) {
        const expected = onLine(name, batch);
        if (expected && !sameTensor(expected, tensor)) return null;
      }
      return new Map(Object.entries({ ...feeds, ...made }));
    },
    dispose: async () => session?.dispose(),
  };
};
