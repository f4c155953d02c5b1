import { part } from "../../core/progress.ts";
import { random } from "../../core/random.ts";
import { gatherRows } from "../../data/batches.ts";
import { type CheckOutcome, gramCheck } from "../../jacobian/checks.ts";
import { factorProgram, type FactorProgram } from "../../jacobian/factor-program.ts";
import { blockNames, type Gram, squaresOf } from "../../jacobian/gram.ts";
import { type Network, restrictedTo } from "../../jacobian/network.ts";
import { inRange } from "../../jacobian/product-rounding.ts";
import type { StoredFacts } from "../cache/gram-store.ts";
import { inOrder, isExactEnough, knownOf, type Match } from "../cache/reuse.ts";
import { cotangentsOf } from "../cotangents.ts";
import { productMemory } from "../device-use.ts";
import { batchesFor, exactNames } from "../open-network.ts";
import { factorBatch, tileEdge } from "../run-sizes.ts";
import type { MethodContext } from "./decomposition.ts";
import { crossEntropyMetric } from "./loss-gram.ts";

/** What a factor program is written for. */
type ProgramContext = Pick<MethodContext, "open" | "request">;

/** What tells factor programs apart. */
const keyOf = ({ open, request }: ProgramContext, most: number): string => JSON.stringify([open.samples, request.batch ?? null, open.room, most === 1, ...exactNames(open)]);

/** As `writeProgram`; of an open network it is written once. */
export const gramProgram = (context: ProgramContext, most = Infinity): Promise<FactorProgram> => context.open.graphs.program(keyOf(context, most), () => writeProgram(context, most));

/**
 * The factor program of the parameters that have rules, with at most `most` cotangents of a sample in one run; one sample at a time where a
 * use has no per-sample structure.
 */
const writeProgram = async ({ open, request }: ProgramContext, most: number): Promise<FactorProgram> => {
  const { source, samples } = open;
  const names = exactNames(open);
  const at = async (batch: number): Promise<Network> => restrictedTo(await source.at(batch), names);
  if (source.fixedBatch !== null) {
    const fixed = await at(source.fixedBatch);
    return factorProgram(fixed, fixed, samples);
  }
  const sizes = factorBatch(open.network, samples, request.batch, open.room);
  const together = Math.min(sizes.together, most);
  const narrow = await at(sizes.batch);
  const program = factorProgram(narrow, together === 1 ? narrow : await at(sizes.batch * together), samples);
  if (program.solo.length === 0 || sizes.batch === 1) return program;
  const single = await at(1);
  return factorProgram(single, single, samples);
};

/** The Gram matrix against a product of the same Jacobian, for a random cotangent. */
const checkGram = async ({ open, products, request, signal }: MethodContext, found: Gram): Promise<CheckOutcome | null> =>
  exactNames(open).size === 0 ? null : gramCheck(products, open.weights, { batches: open.batches, samples: open.samples, signal }, found.matrix, random(request.seed, "Gram check"));

/** The Gram matrix of the plain Jacobian, computed in this run. */
export interface PlainGram {
  readonly found: Gram;
  readonly alone: StoredFacts["alone"];
  readonly check: CheckOutcome | null;
  /** Samples whose entries with one another were known. */
  readonly known: number;
}

const sameBlocks = (program: FactorProgram, { stored }: Match): boolean => JSON.stringify(blockNames(program)) === JSON.stringify(stored.blocks.map((b) => b.parameters));

/** In float64 throughout where products in float32 leave its range. */
const compute = async (context: MethodContext, match: Match | null, most: number): Promise<PlainGram & { readonly together: number }> => {
  const { open, request, progress, signal, store, exactProducts = false } = context;
  const { runtime, weights, samples, network } = open;
  progress(0, "building derivative graphs");
  const program = { ...(await gramProgram(context, most)), exactProducts };
  const compiled = await open.graphs.gram(JSON.stringify([keyOf(context, most), exactProducts]), program, samples);
  const usable = match && isExactEnough(match.stored, exactProducts) && sameBlocks(program, match) ? match : null;
  const metric = store || request.loss === "cross-entropy" ? crossEntropyMetric : undefined;
  const batches = usable ? batchesFor(gatherRows(open.data.x, usable.order), open.precision) : open.batches;
  const edge = tileEdge(network.outputs, samples);
  const made = await compiled.run({ executor: runtime, program, weights, batches, cotangents: cotangentsOf("l2"), samples, edge, memory: request.memory, deviceMemory: productMemory(open), progress: part(progress, 0, 0.55), signal, metric, known: usable ? knownOf(usable) : undefined });
  if (made.rounding && !inRange(squaresOf(made))) return compute({ ...context, exactProducts: true }, match, most);
  const found = usable ? inOrder(made, usable.order) : made;
  return { found, check: await checkGram(context, found), alone: program.solo.map(({ parameter, node }) => ({ parameter: parameter.name, node })), known: usable?.known ?? 0, together: program.together };
};

/**
 * The Gram matrix JJᵀ of the plain Jacobian with its check; `match`: what is known of it. Where the check fails with several cotangents in one
 * run, it is computed again with one at a time: a model that counts samples by their place in the batch (index arithmetic over rows) is not
 * the same for repeated samples. An extension leaves out the products of two old samples; the factors of all are collected, about one forward
 * and K backward passes over all samples.
 */
export const computeGram = async (context: MethodContext, match: Match | null): Promise<PlainGram> => {
  try {
    const first = await compute(context, match, Infinity);
    return first.check?.passed !== false || first.together === 1 ? first : await compute(context, null, 1);
  } finally {
    await context.open.settle();
  }
};
