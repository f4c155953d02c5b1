import { gramCost, type GramCost } from "../../jacobian/cost/gram-cost.ts";
import { flopsOf, type ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { tilesOnDevice } from "../../jacobian/placement.ts";
import { productMemory } from "../device-use.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { tileEdge } from "../run-sizes.ts";
import { differenceParts, differenceWork } from "./difference.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { CARRIED, deviceSessions, eigenFlops, eigenParts, eigenSeconds, hasRules, hostSessions, loadSeconds, roomOf, runSeconds, sessions, type Situation, unusable, weighed } from "./situation.ts";

export const ALL_VALUES = "all singular values, each with an error bar";

/** The plan of a method that holds a matrix, and the bytes it may take for that and for what it is made from. */
export interface Stored {
  readonly plan: MethodPlan;
  readonly store: number;
}

/** Some work in FLOPs, seconds and the bytes that it keeps while it goes on, in the process and on the device. */
export interface Work {
  readonly flops: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly device: number;
}

export const NO_WORK: Work = { flops: 0, seconds: 0, bytes: 0, device: 0 };

const graphsOf = ({ first, second, alone }: GramCost): readonly ProgramCost[] => [first, second, ...(alone ? [alone] : [])];

/** One pass over the samples that collects their factors. */
export const collectWork = (cost: GramCost, situation: Situation): Work => {
  const { first, second, alone, batches, rounds } = cost;
  const { open, rates } = situation;
  const { process: bytes, device } = sessions(graphsOf(cost), situation);
  const solo = alone ? open.samples * open.network.outputs : 0;
  const total = (of: (run: ProgramCost) => number): number => batches * of(first) + batches * rounds * of(second) + (alone ? solo * of(alone) : 0);
  return { flops: total(flopsOf), seconds: total((run) => runSeconds(run, rates)), bytes, device };
};

/** Loading the graphs of a factor program. */
export const collectLoading = (cost: GramCost): number => graphsOf(cost).reduce((sum, own) => sum + loadSeconds(own), 0);

/** Steps of a tile's graph, about. */
const TILE_STEPS = 40;

/** Tiles, where they are computed: in the process unless the device has room and float64. */
const tileWork = ({ tiles, tileRuns, tileLive }: GramCost, { rates }: Situation, onDevice: boolean): Work => {
  const live = Math.max(...tileLive);
  const cost: ProgramCost = { products: tiles, entries: 0, moved: 2 * tileRuns * live, live, fed: 0, results: 0, steps: TILE_STEPS * tileRuns };
  const { process: bytes, device } = (onDevice ? deviceSessions : hostSessions)(tileLive.map((own) => ({ ...cost, live: own, steps: TILE_STEPS })));
  return { flops: flopsOf(cost), seconds: runSeconds(cost, rates), bytes, device };
};

/** The checks of every exact analysis: J·v and f on one batch, Jᵀ·u on all samples. */
export const checkWork = (situation: Situation): Work => {
  const { open, rates, products } = situation;
  if (!products) return NO_WORK;
  const { forward, jvp, vjp } = products;
  const batches = Math.ceil(open.samples / open.network.batch);
  const costs = [forward, jvp(1), vjp(1)];
  const { process: bytes, device } = sessions(costs, situation);
  return {
    flops: flopsOf(vjp(1)) * batches,
    seconds: runSeconds(vjp(1), rates) * batches + costs.reduce((sum, cost) => sum + loadSeconds(cost) + 4 * runSeconds(cost, rates), 0),
    bytes, device,
  };
};

/** Numbers of ranges that the samples are cut into, fewest first: with more, nearly all of the time goes into collecting factors again. */
const RANGES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 31];

/** How the factors are held: all at once, or in ranges of samples of which two are. */
interface Holding {
  readonly cost: GramCost;
  readonly tiles: Work;
  /** Passes over the samples that collecting takes. */
  readonly passes: number;
  /** Bytes of the factors, with a range that is made before the last one is given back. */
  readonly held: number;
  /** Bytes of the two ranges. */
  readonly kept: number;
}

/** The fewest ranges whose factors fit beside what tiles leave of the room; the most ranges where none do. */
const holdingOf = async (situation: Situation, room: (tiles: Work) => number): Promise<Holding> => {
  const { open, request } = situation;
  const program = await gramProgram({ open, request });
  const edge = tileEdge(open.network.outputs, open.samples);
  const holding = (ranges: number): Holding => {
    const size = Math.ceil(open.samples / ranges);
    const cost = gramCost(program, open.samples, Math.min(edge, size));
    const [kept, held] = ranges === 1 ? [size * cost.factors, size * cost.factors] : [2 * size * cost.factors, 3 * size * cost.factors];
    return { cost, tiles: tileWork(cost, situation, tilesOnDevice({ executor: open.runtime, program, memory: request.memory, deviceMemory: productMemory(open), edge: Math.min(edge, size) })), passes: (ranges + 1) / 2, held, kept };
  };
  const tried = RANGES.filter((ranges) => ranges <= open.samples);
  for (const ranges of tried) {
    const found = holding(ranges);
    if (found.held <= room(found.tiles)) return found;
  }
  return holding(tried.at(-1) ?? 1);
};

/**
 * Graphs, and the eigenproblem that has what they give back: the larger of both, also for fewer samples, which the eigenproblem shrinks with and
 * the graphs do not.
 */
const inTurn = (graphs: number, [matrix, vectors]: readonly [MemoryPart, MemoryPart]): readonly MemoryPart[] => {
  const beyond = Math.max(0, matrix.bytes + vectors.bytes - graphs);
  const own = Math.min(vectors.bytes, beyond);
  return [{ what: "ONNX Runtime", bytes: graphs, power: 0 }, { ...matrix, bytes: beyond - own }, { ...vectors, bytes: own }];
};

/**
 * The Gram matrix and its spectrum, counted from the graphs that would compute it; the parameters without a rule by differences. With
 * `open.ruleless` naming all parameters that is the method of finite differences.
 */
export const planGram = async (situation: Situation): Promise<Stored> => {
  const { request, rows, rank, rates } = situation;
  const own = hasRules(situation);
  const name = own ? "gram" : "finite-difference";
  const without = differenceWork(situation);
  if (typeof without === "string") return { plan: unusable(name, ALL_VALUES, without), store: 0 };
  const matrix: MemoryPart = { what: `Gram matrix [${rows}, ${rows}]`, bytes: 8 * rows * rows * (request.gram === true ? 2 : 1), power: 2 };
  const eigen = eigenParts(rows, rank, true);
  const eigenBytes = eigen[0].bytes + eigen[1].bytes;
  const checks = checkWork(situation);
  const collected = own ? collectWork(gramCost(await gramProgram(situation), situation.open.samples, 1), situation) : NO_WORK;
  const running = (tiles: Work): number => collected.bytes + tiles.bytes + checks.bytes;
  // The graphs are given back before the eigenproblem begins.
  const room = (tiles: Work): number => roomOf(situation) - matrix.bytes - Math.max(eigenBytes, running(tiles)) - without.bytes;
  const holding = own ? await holdingOf(situation, room) : null;
  const { tiles, passes, held, kept } = holding ?? { tiles: NO_WORK, passes: 1, held: 0, kept: 0 };
  const parts: MemoryPart[] = [matrix, { what: "per-sample factors", bytes: held, power: passes === 1 ? 1 : 0 }, ...inTurn(running(tiles), eigen), ...differenceParts(without)];
  const flops = passes * collected.flops + tiles.flops + checks.flops + without.flops + eigenFlops(rows, CARRIED + rank);
  const seconds = passes * collected.seconds + (holding ? collectLoading(holding.cost) : 0) + tiles.seconds + checks.seconds + without.seconds + eigenSeconds(rows, CARRIED + rank, rates);
  return { plan: weighed(situation, name, ALL_VALUES, { flops, seconds, parts, device: collected.device + tiles.device + checks.device + without.device, arena: eigen }), store: passes > 1 ? matrix.bytes + kept : roomOf(situation) - running(tiles) - without.bytes };
};
