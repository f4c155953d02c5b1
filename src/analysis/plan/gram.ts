import { gramCost, type GramCost } from "../../jacobian/cost/gram-cost.ts";
import { flopsOf, type ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { eigenBytes } from "../methods/sizes.ts";
import { tileEdge } from "../run-sizes.ts";
import { differenceWork } from "./difference.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { CARRIED, eigenFlops, eigenSeconds, hasRules, loadSeconds, roomOf, runSeconds, sessionBytes, type Situation, unusable, weighed } from "./situation.ts";

export const ALL_VALUES = "all singular values, each with an error bar";

/** The plan of a method that holds a matrix, and the bytes it may take for that and for what it is made from. */
export interface Stored {
  readonly plan: MethodPlan;
  readonly store: number;
}

/** Some work in FLOPs, seconds and the bytes that it keeps while it goes on. */
export interface Work {
  readonly flops: number;
  readonly seconds: number;
  readonly bytes: number;
}

export const NO_WORK: Work = { flops: 0, seconds: 0, bytes: 0 };

/** Passes over the samples that collecting factors may take: with more, nearly all of the time goes into collecting them again. */
const MOST_PASSES = 16;

/** The share of the room that two ranges of factors may take: the next one is made before the last one is given back. */
const RANGE_SHARE = 0.7;

/** How the samples are cut so that their factors fit: the passes over the samples that it takes, and the bytes held at once. */
const cutFactors = (each: number, samples: number, room: number): { readonly passes: number; readonly held: number } | null => {
  if (samples * each <= room) return { passes: 1, held: samples * each };
  const size = Math.floor((RANGE_SHARE * room) / (2 * each));
  const passes = (Math.ceil(samples / size) + 1) / 2;
  return size < 1 || passes > MOST_PASSES ? null : { passes, held: 2 * size * each };
};

/** One pass over the samples that collects their factors. */
export const collectWork = ({ first, second, alone, batches, rounds }: GramCost, { open, rates }: Situation): Work => {
  const solo = alone ? open.samples * open.network.outputs : 0;
  const total = (of: (cost: ProgramCost) => number): number => batches * of(first) + batches * rounds * of(second) + (alone ? solo * of(alone) : 0);
  return { flops: total(flopsOf), seconds: total((cost) => runSeconds(cost, rates)), bytes: [first, second, ...(alone ? [alone] : [])].reduce((sum, cost) => sum + sessionBytes(cost), 0) };
};

/** Loading the graphs of a factor program. */
export const collectLoading = ({ first, second, alone }: GramCost): number => [first, second, ...(alone ? [alone] : [])].reduce((sum, cost) => sum + loadSeconds(cost), 0);

/** Steps of a tile's graph, about. */
const TILE_STEPS = 40;

const tileWork = ({ tiles, tileRuns, tileLive }: GramCost, { rates }: Situation): Work => {
  const live = Math.max(...tileLive);
  const cost: ProgramCost = { products: tiles, entries: 0, moved: 2 * tileRuns * live, live, results: 0, steps: TILE_STEPS * tileRuns };
  const bytes = tileLive.reduce((sum, own) => sum + sessionBytes({ ...cost, live: own, steps: TILE_STEPS }), 0);
  return { flops: flopsOf(cost), seconds: runSeconds(cost, rates), bytes };
};

/** The checks of every exact analysis: J·v and f on one batch, Jᵀ·u on all samples. */
export const checkWork = ({ open, rates, products }: Situation): Work => {
  if (!products) return NO_WORK;
  const { forward, jvp, vjp } = products;
  const batches = Math.ceil(open.samples / open.network.batch);
  const costs = [forward, jvp(1), vjp(1)];
  return {
    flops: flopsOf(vjp(1)) * batches,
    seconds: runSeconds(vjp(1), rates) * batches + costs.reduce((sum, cost) => sum + loadSeconds(cost) + 4 * runSeconds(cost, rates), 0),
    bytes: costs.reduce((sum, cost) => sum + sessionBytes(cost), 0),
  };
};

/**
 * The Gram matrix and its spectrum, counted from the graphs that would compute it; the parameters without a rule by differences. With
 * `open.ruleless` naming all parameters that is the method of finite differences.
 */
export const planGram = async (situation: Situation): Promise<Stored> => {
  const { open, request, rows, rank, rates } = situation;
  const own = hasRules(situation);
  const name = own ? "gram" : "finite-difference";
  const without = differenceWork(situation);
  if (typeof without === "string") return { plan: unusable(name, ALL_VALUES, without), store: 0 };
  const cost = own ? gramCost(await gramProgram({ open, request }), open.samples, tileEdge(open.network.outputs, open.samples)) : null;
  const [collecting, tiles, checks] = cost ? [collectWork(cost, situation), tileWork(cost, situation), checkWork(situation)] : [NO_WORK, NO_WORK, NO_WORK];
  const matrix: MemoryPart = { what: `Gram matrix [${rows}, ${rows}]`, bytes: 8 * rows * rows * (request.gram === true ? 2 : 1), power: 2 };
  const eigen: MemoryPart = { what: `eigenvalues of a matrix [${rows}, ${rows}]`, bytes: eigenBytes(rows, rank), power: 2 };
  const running: MemoryPart = { what: "ONNX Runtime", bytes: collecting.bytes + tiles.bytes + checks.bytes, power: 0 };
  // The graphs are given back before the eigenproblem begins.
  const peak = eigen.bytes > running.bytes ? eigen : running;
  const each = cost?.factors ?? 0;
  const cut = cutFactors(each, open.samples, roomOf(situation) - matrix.bytes - peak.bytes - without.bytes);
  const { passes, held } = cut ?? { passes: 1, held: (each * open.samples) / MOST_PASSES };
  const parts: MemoryPart[] = [matrix, { what: "per-sample factors", bytes: held, power: cut?.passes === 1 ? 1 : 0 }, peak, { what: "differences", bytes: without.bytes, power: 2 }];
  const flops = passes * collecting.flops + tiles.flops + checks.flops + without.flops + eigenFlops(rows, CARRIED + rank);
  const seconds = passes * collecting.seconds + (cost ? collectLoading(cost) : 0) + tiles.seconds + checks.seconds + without.seconds + eigenSeconds(rows, CARRIED + rank, rates);
  return { plan: weighed(situation, name, ALL_VALUES, { flops, seconds, parts, arena: eigen.bytes }), store: passes > 1 ? matrix.bytes + held : roomOf(situation) - running.bytes - without.bytes };
};
