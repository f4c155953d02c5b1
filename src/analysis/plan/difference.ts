import { programCost } from "../../jacobian/cost/program-cost.ts";
import { flopsOf } from "../../jacobian/cost/program-cost.ts";
import { MOST_ENTRIES } from "../methods/difference.ts";
import type { Work } from "./gram.ts";
import type { MemoryPart } from "./plan.ts";
import { kernelSeconds, runSeconds, sessions, type Situation } from "./situation.ts";

/** Runs of the network for each entry: central differences at the step and at half of it. */
const RUNS = 4;

/** The work of differences, and what of its bytes graphs take, whatever the samples. */
export interface DifferenceWork extends Work {
  readonly graphs: number;
}

/**
 * The differences of the parameters that have no rule: four runs of the network over the samples for each entry, in float64 where the
 * provider has the kernels, and the product of their columns. A string says why they cannot be taken.
 */
export const differenceWork = (situation: Situation): DifferenceWork | string => {
  const { open, request, rows, rates } = situation;
  const names = new Set(open.ruleless.map((r) => r.parameter));
  if (names.size === 0) return { flops: 0, seconds: 0, bytes: 0, device: 0, graphs: 0 };
  const entries = open.choices.reduce((sum, c) => sum + (names.has(c.name) ? c.count : 0), 0);
  if (request.loss !== "l2") return "differences are computed for --loss l2 only";
  if (entries > MOST_ENTRIES) return `${entries.toLocaleString("en-US")} parameter entries would be taken by differences; at most ${MOST_ENTRIES.toLocaleString("en-US")} are allowed`;
  const { lowered, output, batch } = open.network;
  const single = programCost({ steps: lowered.program.steps, outputs: [output] });
  const double = open.runtime.provider === "cpu";
  const forward = double ? { ...single, products: { single: 0, double: single.products.single + single.products.double }, moved: 2 * single.moved, live: 2 * single.live } : single;
  const runs = RUNS * entries * Math.ceil(open.samples / batch);
  const product = entries * rows * rows;
  const { process, device } = sessions([forward], situation);
  return {
    flops: runs * flopsOf(forward) + product,
    seconds: runs * runSeconds(forward, rates) + kernelSeconds(product, rates),
    bytes: 8 * rows * entries + 8 * rows * rows + process,
    device,
    graphs: process,
  };
};

/** Those bytes by how they grow: a matrix with the square of the samples at most, which is not counted on. */
export const differenceParts = ({ bytes, graphs }: Pick<DifferenceWork, "bytes" | "graphs">): readonly MemoryPart[] =>
  [{ what: "differences", bytes: bytes - graphs, power: 1 }, { what: "graphs of the differences", bytes: graphs, power: 0 }];
