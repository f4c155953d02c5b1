import { flopsOf, programCost } from "../../jacobian/cost/program-cost.ts";
import type { OpenNetwork } from "../open-network.ts";

/**
 * FLOPs of one product with J or Jᵀ, about: forward values and as many slopes. A function of network and data alone, so that what is computed does
 * not depend on the machine. Cost: linear in the network's steps.
 */
export const productFlops = ({ network, samples }: Pick<OpenNetwork, "network" | "samples">): number =>
  2 * Math.ceil(samples / network.batch) * flopsOf(programCost({ steps: network.lowered.program.steps, outputs: [network.output] }));
