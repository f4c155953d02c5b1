import { flopsOf, programCost } from "../../jacobian/cost/program-cost.ts";
import { sketchBytes } from "../methods/sizes.ts";
import { SKETCH_POWERS, sketchSize } from "../methods/sketch.ts";
import { BLOCK } from "../run-sizes.ts";
import type { MethodPlan } from "./plan.ts";
import { hasAllRules, kernelSeconds, loadSeconds, runSeconds, sessions, type Situation, unusable, weighed } from "./situation.ts";

/** The same without derivative rules: four runs of the network for each direction, which is moved by and by half. */
const byDifferences = (situation: Situation, returns: string): MethodPlan => {
  const { open, request, rows, columns, rates } = situation;
  const { directions } = sketchSize({ open, request });
  const forward = programCost({ steps: open.network.lowered.program.steps, outputs: [open.network.output] });
  const runs = 4 * directions * Math.ceil(open.samples / open.network.batch);
  const { process: bytes, device } = sessions([forward], situation);
  return weighed(situation, "sketch", returns, {
    flops: runs * flopsOf(forward),
    seconds: runs * runSeconds(forward, rates) + loadSeconds(forward),
    parts: [{ what: `${directions} directions`, bytes: sketchBytes({ rows, columns, rank: directions }, directions), power: 1 }, { what: "ONNX Runtime", bytes, power: 0 }],
    device,
  });
};

/** Counts a sketch: random directions through J, as often as it has powers back and forth, then back; and two products for each certificate. */
export const planSketch = (situation: Situation): MethodPlan => {
  const { open, request, rows, columns, rates, products: costs } = situation;
  const returns = "a preview: lower estimates of the leading singular values";
  if (request.gram === true) return unusable("sketch", returns, "does not form JJᵀ, which --gram writes");
  if (!hasAllRules(situation) || !costs) return byDifferences(situation, "a preview from inference only: estimates of the leading singular values");
  const { wanted, directions: count } = sketchSize({ open, request });
  const runs = (Math.ceil(open.samples / open.network.batch) * ((1 + SKETCH_POWERS) * count + wanted)) / BLOCK;
  const graphs = [costs.forward, costs.jvp(BLOCK), costs.vjp(BLOCK), costs.jvp(1), costs.vjp(1)];
  const { process: bytes, device } = sessions(graphs, situation);
  const orthogonal = 8 * (1 + SKETCH_POWERS) * (rows + columns) * count ** 2;
  return weighed(situation, "sketch", returns, {
    flops: runs * (flopsOf(costs.jvp(BLOCK)) + flopsOf(costs.vjp(BLOCK))) + orthogonal,
    seconds: runs * (runSeconds(costs.jvp(BLOCK), rates) + runSeconds(costs.vjp(BLOCK), rates)) + kernelSeconds(orthogonal, rates) + graphs.reduce((sum, cost) => sum + loadSeconds(cost), 0),
    parts: [
      { what: `${count} directions`, bytes: sketchBytes({ rows, columns, rank: count }, count), power: 1 },
      { what: "ONNX Runtime", bytes, power: 0 },
    ],
    device,
  });
};
