import { LensError } from "../../core/errors.ts";
import { part, type Progress } from "../../core/progress.ts";
import { jacobianOperator } from "../../jacobian/operator.ts";
import type { LinearOperator } from "../../linalg/operator.ts";
import { certainLeading, indexErrors, rankCertificate } from "../../spectrum/certificate.ts";
import { type SpectralDensity, spectralDensity } from "../../spectrum/density.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { leadingTriplets, type Triplets } from "../../spectrum/krylov.ts";
import { leadingEnergies } from "../../spectrum/leading-energy.ts";
import { estimateSquaredNorm, type SquaredNorm, tailMass } from "../../spectrum/trace-estimate.ts";
import { chooseCutoff, type Cutoff, type CutoffRule, dependsOnValues, MOST_BY_DEFAULT } from "../../theory/cutoff.ts";
import type { Spectrum } from "../../theory/spectrum.ts";
import type { DensityFacts } from "../result.ts";
import { BLOCK } from "../run-sizes.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type Decomposition, type MethodContext, observedOf } from "./decomposition.ts";
import { densityEffort } from "./density-budget.ts";
import { tripletsToCutoff } from "./krylov-triplets.ts";
import { gaussNewtonOperator } from "./loss-operator.ts";
import { productFlops } from "./product-flops.ts";
import { normOf } from "./squared-norm.ts";

/** Relative to λ_1: what the certificates of the triplets have to meet. */
const TOLERANCE = 1e-4;

/** Triplets beyond the rank: certifying the last one needs the next ones. */
const SLACK = 1.25;

/** Triplets that the basis is built for, at first where the cut-off is not a rank. */
export const wantedOf = ({ request, open }: Pick<MethodContext, "request" | "open">): number => {
  const rank = request.cutoff?.kind === "rank" ? request.cutoff.value : Math.min(MOST_BY_DEFAULT, open.network.outputs ** 2);
  return Math.ceil(rank * SLACK) + 2;
};

/** The density as plain data of the result. */
const densityOf = (density: SpectralDensity, total: SquaredNorm, tail: DensityFacts["tailMass"], { rest }: Triplets): DensityFacts => ({
  axis: Array.from(density.axis), mean: Array.from(density.mean), low: Array.from(density.low), high: Array.from(density.high), leading: Array.from(density.leading),
  count: density.count, belowFloor: density.belowFloor, floor: density.floor, certainZeros: density.certainZeros, probes: density.probes, steps: density.steps,
  squaredNorm: { value: total.value, low: total.low, high: total.high, failure: total.failure }, tailMass: tail, rest,
});

/** What the theory takes of the triplets. */
const spectrumOf = (triplets: Triplets, total: SquaredNorm): Spectrum => ({
  singularValues: triplets.values,
  complete: triplets.values.length === Math.min(triplets.rows, triplets.columns),
  floor: Math.max(triplets.productError, Math.sqrt(triplets.gramError)),
  frobenius: Math.sqrt(total.value),
  errors: Array.from(indexErrors(triplets)),
});

/** A cut-off with what the triplets make certain of it: the count of the values above an α, or that the first r are the r largest. */
const certifiedBy = (triplets: Triplets, rule: CutoffRule | undefined, chosen: Cutoff): Cutoff => {
  if (rule?.kind !== "alpha" && rule?.kind !== "relative") return { ...chosen, certified: chosen.certified && certainLeading(triplets).count >= chosen.rank };
  const { atLeast, atMost, certified, failure } = rankCertificate(triplets, chosen.alpha);
  return { ...chosen, certified, count: { atLeast, atMost, failure } };
};

/** The progress of one round for the triplets; where others may follow, half of what is left of them all. */
const roundOf = ({ request, progress }: MethodContext, round: number): Progress => {
  const [from, to] = [0.05, 0.6];
  const before = (rounds: number): number => to - (to - from) * 0.5 ** rounds;
  return dependsOnValues(request.cutoff) ? part(progress, before(round), before(round + 1)) : part(progress, from, to);
};

/** @throws LensError JACOBIAN_METHOD where the Gram matrix is to be written. */
const refuseGram = ({ request }: MethodContext): void => {
  if (request.gram === true) throw new LensError("JACOBIAN_METHOD", "--method krylov works by products with J and does not form JJᵀ, which --gram writes.", "Use --method gram with --gram.");
};

/** @throws LensError OPERATOR_RULE where differences would be needed. */
const refuseRuleless = ({ open }: MethodContext): void => {
  const [first] = open.ruleless;
  if (first) throw new LensError("OPERATOR_RULE", `There is no derivative rule for operator ${first.operator} (node "${first.node}"), which the products of --method krylov need.`, "Leave the parameters before this node out with --parameters, or use --method gram, which takes them by differences.");
};

/**
 * The leading singular triplets by block Krylov on products with J, certified one by one, and the density of the rest by stochastic Lanczos
 * quadrature, as far as it is worth its products (`densityEffort`): for Gram matrices that do not fit. Memory: the basis, about (nK + p)·2·triplets·8 bytes.
 */
export const byKrylov = async (context: MethodContext): Promise<Decomposition> => {
  refuseGram(context);
  return krylovTo(TOLERANCE)(context);
};

/** The same, beside a Gram matrix or not, to another tolerance of the certificates, relative to λ_1; 0 goes as far as the products' rounding allows. */
export const krylovTo = (tolerance: number) => async (context: MethodContext): Promise<Decomposition> => {
  refuseRuleless(context);
  const { open, products, request, progress, signal } = context;
  const data = { batches: open.batches, samples: open.samples, signal };
  const outputs = await products.outputs(open.weights, data);
  const jacobian = jacobianOperator(products, open.weights, data);
  const operator: LinearOperator = request.loss === "l2" ? jacobian : gaussNewtonOperator(jacobian, outputs, open.network.outputs);
  const seed = request.seed;
  const stop = signal ? { signal } : {};
  const norm = await normOf(context, operator);
  const error = gradientFloor(Math.sqrt(norm.total.value), open.precision);
  const asked = { cutoff: request.cutoff, wanted: wantedOf(context), memory: request.memory };
  const { triplets, total, spectrum, products: spent } = await tripletsToCutoff(operator, asked, async (wanted, { basis, sides }, round) => {
    const found = await leadingTriplets(operator, wanted, { tolerance, block: BLOCK, maxBasis: basis, sides, productError: error, seed, progress: roundOf(context, round), ...stop });
    const squared = norm.blocks ? norm.total : await estimateSquaredNorm(operator, { seed, leading: found, ...stop });
    return { triplets: found, total: squared, spectrum: spectrumOf(found, squared) };
  });
  const tail = tailMass(triplets, total);
  const effort = densityEffort({ flops: productFlops(open), leading: triplets.products }, tail.high / total.value);
  const density = await spectralDensity(operator, { ...effort, leading: triplets, floor: error, seed, progress: part(progress, 0.65, 0.98), ...stop });
  const observed = observedOf(context, outputs);
  const carried = vectorsToCarry(observed);
  const energies = leadingEnergies(triplets, carried.map((c) => c.values));
  const cutoff = certifiedBy(triplets, request.cutoff, chooseCutoff(request.cutoff, spectrum, open.network.outputs));
  const leading = { rows: triplets.rows, count: cutoff.rank, values: triplets.left.subarray(0, cutoff.rank * triplets.rows) };
  const method = { name: "krylov", products: norm.total.products + spent + (norm.blocks ? 0 : total.products) + density.products, exact: false, plan: null } as const;
  return { method, observed, carried, spectrum, cutoff, coefficients: energies.vectors.map((v) => v.coefficients), projections: energies.errors, leading, blocks: norm.blocks, density: densityOf(density, total, tail, triplets), warnings: [], gram: null, gramError: null };
};
