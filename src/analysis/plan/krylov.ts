import { gramCost } from "../../jacobian/cost/gram-cost.ts";
import type { ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { FEWEST_PROBES } from "../../spectrum/density-effort.ts";
import { wantedOf } from "../methods/krylov.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { MOST_PASSES } from "../methods/squared-norm.ts";
import { BLOCK, krylovSizes } from "../run-sizes.ts";
import { collectWork } from "./gram.ts";
import { krylovWork } from "./krylov-work.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { hasAllRules, loadSeconds, roomOf, type SessionBytes, sessions, type Situation, unusable, weighed } from "./situation.ts";

/** The plan of the block Krylov method, and the bytes that it takes beside its bases. */
export interface KrylovPlan {
  readonly plan: MethodPlan;
  readonly beside: number;
}

/** Bytes of the graphs that ‖J‖_F² is computed with; they are given back before those of the products are loaded. */
const normBytes = async (situation: Situation): Promise<SessionBytes> => {
  const { open, request } = situation;
  if (open.network.outputs > MOST_PASSES) return { process: 0, device: 0 };
  const { bytes, device } = collectWork(gramCost(await gramProgram({ open, request }), open.samples, 1), situation);
  return { process: bytes, device };
};

/** Vectors over outputs, which grow with the samples, and those over parameters, which do not; of bases of the short side there are only those over outputs. */
const bySide = (what: string, bytes: number, { rows, columns }: Pick<Situation, "rows" | "columns">, both: boolean): readonly MemoryPart[] => {
  const overParameters = both ? (bytes * columns) / (rows + columns) : 0;
  return [{ what, bytes: bytes - overParameters, power: 1 }, { what: `${what}, over the parameters`, bytes: overParameters, power: 0 }];
};

/** Counts the block Krylov method: products with J in groups of eight, bases, certificates and the density. */
export const planKrylov = async (situation: Situation): Promise<KrylovPlan> => {
  const { open, request, rows, columns, products: costs } = situation;
  const wanted = Math.min(wantedOf({ open, request }), rows, columns);
  const returns = `the leading ${wanted} singular values, certified, and the density of the rest`;
  if (request.gram === true) return { plan: unusable("krylov", returns, "does not form JJᵀ, which --gram writes"), beside: 0 };
  if (!hasAllRules(situation) || !costs) return { plan: unusable("krylov", returns, `needs a derivative rule for ${[...new Set(open.ruleless.map((r) => r.operator))].join(", ")}`), beside: 0 };
  const graphs: readonly ProgramCost[] = [costs.forward, ...[BLOCK, 1, FEWEST_PROBES].flatMap((vectors) => [costs.jvp(vectors), costs.vjp(vectors)])];
  const [norm, held] = [await normBytes(situation), sessions(graphs, situation)];
  const running: MemoryPart = { what: "ONNX Runtime", bytes: Math.max(norm.process, held.process), power: 0 };
  // Blocks of vectors over parameters and outputs: in float64, cut up in float32, and what comes back.
  const blocks = 40 * BLOCK * (rows + columns);
  const size = { rows, columns };
  const sizes = krylovSizes(size, wanted, roomOf(situation) - running.bytes - blocks);
  const { basis, bytes, sides } = sizes ?? krylovSizes(size, wanted, Infinity) ?? { basis: wanted, bytes: 0, sides: "both" };
  const { flops, seconds } = krylovWork(situation, costs, wanted, basis);
  return {
    plan: weighed(situation, "krylov", returns, {
      flops,
      seconds: seconds + graphs.reduce((sum, cost) => sum + loadSeconds(cost), 0),
      parts: [...bySide(`bases of ${basis} vectors, and the vectors found`, bytes, size, sides === "both"), running, ...bySide("blocks of vectors", blocks, size, true)],
      device: Math.max(norm.device, held.device),
    }),
    beside: running.bytes + blocks,
  };
};
