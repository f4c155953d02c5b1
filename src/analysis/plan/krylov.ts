import { gramCost } from "../../jacobian/cost/gram-cost.ts";
import { flopsOf, type ProgramCost } from "../../jacobian/cost/program-cost.ts";
import { wantedOf } from "../methods/krylov.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { MOST_PASSES } from "../methods/squared-norm.ts";
import { BLOCK, krylovSizes } from "../run-sizes.ts";
import { collectWork } from "./gram.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { hasAllRules, kernelSeconds, loadSeconds, roomOf, runSeconds, type SessionBytes, sessions, type Situation, unusable, weighed } from "./situation.ts";

/** The plan of the block Krylov method, and the bytes that it takes beside its bases. */
export interface KrylovPlan {
  readonly plan: MethodPlan;
  readonly beside: number;
}

/** Random vectors and steps of the density, and those of ‖J‖_F², exact or estimated twice; as `byKrylov` leaves them to their defaults. */
const DENSITY = { probes: 16, steps: 60 } as const;
const normProducts = (outputs: number): number => (outputs <= MOST_PASSES ? outputs : 2 * 16 + 32 + 32);

/** Bytes of the graphs that ‖J‖_F² is computed with; they are given back before those of the products are loaded. */
const normBytes = async (situation: Situation): Promise<SessionBytes> => {
  const { open, request } = situation;
  if (open.network.outputs > MOST_PASSES) return { process: 0, device: 0 };
  const { bytes, device } = collectWork(gramCost(await gramProgram({ open, request }), open.samples, 1), situation);
  return { process: bytes, device };
};

/**
 * Products that the leading triplets take, about: a basis and a half for what has to converge, the search of the rest, and two for each
 * certificate. How fast a spectrum falls decides; networks' spectra fall fast (measured: 0.7 to 2 times this).
 */
const tripletProducts = (wanted: number, basis: number): number => Math.ceil(3 * basis + 2 * 10 * BLOCK + 2 * wanted);

const products = (outputs: number, short: number, wanted: number, basis: number): number =>
  normProducts(outputs) + tripletProducts(wanted, basis) + 2 * DENSITY.probes * Math.max(0, Math.min(DENSITY.steps, short - wanted));

/** FLOPs of keeping bases orthogonal: both of the triplets' as they grow and turn, and those of the density's processes. */
const basisFlops = (rows: number, columns: number, wanted: number, basis: number): number => {
  const short = Math.min(rows, columns);
  return (rows + columns) * (8 * basis ** 2 + 4 * basis * wanted) + DENSITY.probes * short * (4 * DENSITY.steps ** 2 + 8 * wanted * DENSITY.steps);
};

/** FLOPs of looking at the Ritz values, every BLOCK columns while the bases grow, and again after a restart. */
const ritzFlops = (basis: number): number => (15 * basis ** 4) / (4 * BLOCK) * 1.5;

/** Counts the block Krylov method: products with J in groups of eight, bases, certificates and the density. */
export const planKrylov = async (situation: Situation): Promise<KrylovPlan> => {
  const { open, request, rows, columns, rates, products: costs } = situation;
  const wanted = Math.min(wantedOf({ open, request }), rows, columns);
  const returns = `the leading ${wanted} singular values, certified, and the density of the rest`;
  if (request.gram === true) return { plan: unusable("krylov", returns, "does not form JJᵀ, which --gram writes"), beside: 0 };
  if (!hasAllRules(situation) || !costs) return { plan: unusable("krylov", returns, `needs a derivative rule for ${[...new Set(open.ruleless.map((r) => r.operator))].join(", ")}`), beside: 0 };
  const [forwards, back] = [costs.jvp(BLOCK), costs.vjp(BLOCK)];
  const graphs: readonly ProgramCost[] = [costs.forward, forwards, back, costs.jvp(1), costs.vjp(1), costs.jvp(BLOCK / 2), costs.vjp(BLOCK / 2)];
  const [norm, held] = [await normBytes(situation), sessions(graphs, situation)];
  const running: MemoryPart = { what: "ONNX Runtime", bytes: Math.max(norm.process, held.process), power: 0 };
  // Blocks of vectors over parameters and outputs: in float64, cut up in float32, and what comes back.
  const blocks: MemoryPart = { what: "blocks of vectors", bytes: 40 * BLOCK * (rows + columns), power: 1 };
  const size = { rows, columns };
  const sizes = krylovSizes(size, wanted, roomOf(situation) - running.bytes - blocks.bytes);
  const { basis, bytes } = sizes ?? krylovSizes(size, wanted, Infinity) ?? { basis: wanted, bytes: 0 };
  const count = products(open.network.outputs, Math.min(rows, columns), wanted, basis);
  const batches = Math.ceil(open.samples / open.network.batch);
  // A product of BLOCK vectors, half of them with J and half with Jᵀ, and the copies to and from float64.
  const vectorsOf = (of: (cost: ProgramCost) => number): number => (count * batches * (of(forwards) + of(back))) / (2 * BLOCK);
  const copied = (count * 24 * (columns * batches + rows)) / rates.moved / 0.05;
  const ritz = ritzFlops(basis);
  const bases = basisFlops(rows, columns, wanted, basis);
  return {
    plan: weighed(situation, "krylov", returns, {
      flops: vectorsOf(flopsOf) + bases + ritz,
      seconds: vectorsOf((cost) => runSeconds(cost, rates)) + copied + 2 * kernelSeconds(bases, rates) + ritz / rates.eigen + graphs.reduce((sum, cost) => sum + loadSeconds(cost), 0),
      parts: [{ what: `bases of ${basis} vectors, and the vectors found`, bytes, power: 1 }, running, blocks],
      device: Math.max(norm.device, held.device),
    }),
    beside: running.bytes + blocks.bytes,
  };
};
