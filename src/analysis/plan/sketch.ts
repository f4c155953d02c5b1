import { productCosts } from "../../jacobian/cost/product-cost.ts";
import { flopsOf } from "../../jacobian/cost/program-cost.ts";
import { restrictedTo } from "../../jacobian/network.ts";
import { wantedOf } from "../methods/krylov.ts";
import { sketchBytes } from "../methods/sizes.ts";
import { exactNames } from "../open-network.ts";
import { BLOCK } from "../run-sizes.ts";
import type { MethodPlan } from "./plan.ts";
import { hasAllRules, kernelSeconds, loadSeconds, runSeconds, sessionBytes, type Situation, unusable, weighed } from "./situation.ts";

/** Counts a sketch: as many random directions as the leading part wants vectors, mapped by J and back by Jᵀ. */
export const planSketch = (situation: Situation): MethodPlan => {
  const { open, request, rows, columns, rates } = situation;
  const returns = "a preview: lower estimates of the leading singular values";
  if (request.gram === true) return unusable("sketch", returns, "does not form JJᵀ, which --gram writes");
  if (!hasAllRules(situation)) return unusable("sketch", returns, `needs a derivative rule for ${[...new Set(open.ruleless.map((r) => r.operator))].join(", ")}`);
  const count = Math.min(wantedOf({ open, request }), rows, columns);
  const costs = productCosts(restrictedTo(open.network, exactNames(open)));
  const runs = (Math.ceil(open.samples / open.network.batch) * count) / BLOCK;
  const sessions = [costs.forward, costs.jvp(BLOCK), costs.vjp(BLOCK), costs.jvp(1), costs.vjp(1)];
  const orthogonal = 8 * (rows + columns) * count ** 2;
  return weighed(situation, "sketch", returns, {
    flops: runs * (flopsOf(costs.jvp(BLOCK)) + flopsOf(costs.vjp(BLOCK))) + orthogonal,
    seconds: runs * (runSeconds(costs.jvp(BLOCK), rates) + runSeconds(costs.vjp(BLOCK), rates)) + kernelSeconds(orthogonal, rates) + sessions.reduce((sum, cost) => sum + loadSeconds(cost), 0),
    parts: [
      { what: `${count} directions`, bytes: sketchBytes({ rows, columns, rank: count }, count), power: 1 },
      { what: "ONNX Runtime", bytes: sessions.reduce((sum, cost) => sum + sessionBytes(cost), 0), power: 0 },
    ],
  });
};
