import { gramCost } from "../../jacobian/cost/gram-cost.ts";
import type { ProductCosts } from "../../jacobian/cost/product-cost.ts";
import { flopsOf, programCost, type ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { rowsProgram } from "../methods/row-source.ts";
import { sketchBytes } from "../methods/sizes.ts";
import { sketchSize } from "../methods/sketch.ts";
import { SKETCH_POWERS, SKETCH_SLICE_BYTES, type SketchWay, sketchWay } from "../methods/sketch-way.ts";
import { worthPasses } from "../methods/squared-norm.ts";
import { BLOCK } from "../run-sizes.ts";
import { checkWork, collectLoading, collectWork, NO_WORK } from "./gram.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { hasAllRules, loadSeconds, roomOf, runSeconds, sessions, type Situation, unusable, weighed } from "./situation.ts";

/** Directions over outputs, which grow with the samples, and over parameters, which do not. */
const directionParts = ({ rows, columns }: Situation, directions: number): readonly MemoryPart[] => [
  { what: `${directions} directions`, bytes: sketchBytes({ rows, columns: 0, rank: directions }, directions), power: 1 },
  { what: `${directions} directions, over the parameters`, bytes: sketchBytes({ rows: 0, columns, rank: directions }, directions), power: 0 },
];

/** A sketch without derivative rules: four runs of the network for each direction, which is moved by and by half. */
const byDifferences = (situation: Situation, returns: string): MethodPlan => {
  const { open, request, rates } = situation;
  const { directions } = sketchSize({ open, request });
  const forward = programCost({ steps: open.network.lowered.program.steps, outputs: [open.network.output] });
  const runs = 4 * directions * Math.ceil(open.samples / open.network.batch);
  const { process: bytes, device } = sessions([forward], situation);
  return weighed(situation, "sketch", returns, {
    flops: runs * flopsOf(forward),
    seconds: runs * runSeconds(forward, rates) + loadSeconds(forward),
    parts: [...directionParts(situation, directions), { what: "ONNX Runtime", bytes, power: 0 }],
    device,
  });
};

/** What the sketch's graphs take, and its products. */
interface Taken {
  readonly flops: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly device: number;
}

/** Probes that ‖J‖_F² is estimated with where passes over all outputs would cost too much; as `estimateSquaredNorm` leaves them. */
const NORM_PROBES = 32;

/** Vector by vector: half of them with J and half with Jᵀ. Before them the passes for ‖J‖_F², or after them its probes. */
const byProducts = async (situation: Situation, costs: ProductCosts, { vectors: own }: SketchWay): Promise<Taken> => {
  const { open, request, rates } = situation;
  const exact = worthPasses(open, own);
  const vectors = exact ? own : own + NORM_PROBES;
  const norm = exact ? gramCost(await gramProgram({ open, request }), open.samples, 1) : null;
  const passes = norm ? collectWork(norm, situation) : NO_WORK;
  const runs = (Math.ceil(open.samples / open.network.batch) * vectors) / (2 * BLOCK);
  const graphs = [costs.forward, costs.jvp(BLOCK), costs.vjp(BLOCK), costs.jvp(1), costs.vjp(1)];
  const { process: bytes, device } = sessions(graphs, situation);
  return {
    flops: runs * (flopsOf(costs.jvp(BLOCK)) + flopsOf(costs.vjp(BLOCK))) + passes.flops,
    seconds: runs * (runSeconds(costs.jvp(BLOCK), rates) + runSeconds(costs.vjp(BLOCK), rates)) + graphs.reduce((sum, cost) => sum + loadSeconds(cost), 0) + passes.seconds + (norm ? collectLoading(norm) : 0),
    // The graphs of the passes are given back before those of the products are loaded.
    bytes: Math.max(bytes, passes.bytes), device: Math.max(device, passes.device),
  };
};

/** Products of slices with all vectors, vectors over the parameters that each slice adds to, and the rows' squares, summed once. */
const projectionSeconds = ({ rows, columns, rates }: Situation, { projections, vectors }: SketchWay): number => {
  const slices = Math.ceil((8 * rows * columns) / SKETCH_SLICE_BYTES);
  const cost: ProgramCost = { products: { single: projections, double: 0 }, entries: 0, moved: 32 * slices * columns * vectors + 8 * rows * columns, live: 0, fed: 0, results: 0, steps: 0 };
  return runSeconds(cost, rates);
};

/** All vectors at once through the rows, which are made again at each visit or kept. */
const byRows = async (situation: Situation, way: SketchWay): Promise<Taken> => {
  const { visits, projections } = way;
  const { open, request, rows, columns } = situation;
  const cost = gramCost(await rowsProgram({ open, request }, Infinity), open.samples, 1);
  const [collecting, checks] = [collectWork(cost, situation), checkWork(situation)];
  return {
    flops: visits * collecting.flops + checks.flops + projections + 2 * rows * columns,
    seconds: visits * collecting.seconds + collectLoading(cost) + checks.seconds + projectionSeconds(situation, way),
    bytes: collecting.bytes + checks.bytes, device: collecting.device + checks.device,
  };
};

/** Counts a sketch: random directions through J, as often as it has powers back and forth, then back; and two products for each certificate. */
export const planSketch = async (situation: Situation): Promise<MethodPlan> => {
  const { open, request, rows, columns, rates, products: costs } = situation;
  const returns = "a preview: lower estimates of the leading singular values";
  if (request.gram === true) return unusable("sketch", returns, "does not form JJᵀ, which --gram writes");
  if (!hasAllRules(situation) || !costs) return byDifferences(situation, "a preview from inference only: estimates of the leading singular values");
  const { wanted, directions } = sketchSize({ open, request });
  const way = sketchWay(open, { rows, columns, wanted, directions }, roomOf(situation));
  const { flops, seconds, bytes, device } = way.by === "rows" ? await byRows(situation, way) : await byProducts(situation, costs, way);
  const orthogonal = 4 * (1 + SKETCH_POWERS) * (rows + columns) * directions ** 2;
  const kept = way.by === "rows" && way.visits === 1 ? way.bytes : 0;
  return weighed(situation, "sketch", `${returns} (${way.because})`, {
    flops: flops + orthogonal,
    seconds: seconds + orthogonal / rates.kernel,
    parts: [
      ...directionParts(situation, directions),
      { what: "slices of J", bytes: way.by === "products" ? 0 : SKETCH_SLICE_BYTES, power: 0 },
      { what: "rows of J", bytes: kept, power: 1 },
      { what: "ONNX Runtime", bytes, power: 0 },
    ],
    device,
  });
};
