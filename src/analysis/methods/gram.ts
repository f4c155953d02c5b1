import { LensError } from "../../core/errors.ts";
import { part } from "../../core/progress.ts";
import { random } from "../../core/random.ts";
import { type CheckOutcome, gramCheck } from "../../jacobian/checks.ts";
import { factorProgram, type FactorProgram } from "../../jacobian/factor-program.ts";
import { gram, type Gram } from "../../jacobian/gram.ts";
import { type Network, restrictedTo } from "../../jacobian/network.ts";
import { gramMatrix } from "../../linalg/matrix-product.ts";
import { exactCertificate } from "../../spectrum/certificate-exact.ts";
import { exactSpectrum } from "../../spectrum/exact.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { chooseCutoff } from "../../theory/cutoff.ts";
import type { Spectrum } from "../../theory/spectrum.ts";
import { cotangentsOf } from "../cotangents.ts";
import { exactNames } from "../open-network.ts";
import type { Warning } from "../result.ts";
import { factorBatch, tileEdge } from "../run-sizes.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type Decomposition, entriesOf, type MethodContext, observedOf } from "./decomposition.ts";
import { differences } from "./difference.ts";
import { gaussNewtonCotangent } from "./loss-operator.ts";

/**
 * The factor program of the parameters that have rules, with at most `most` cotangents of a sample in one run; one sample at a time where a
 * use has no per-sample structure.
 */
export const gramProgram = async ({ open, request }: Pick<MethodContext, "open" | "request">, most = Infinity): Promise<FactorProgram> => {
  const { source, samples } = open;
  const names = exactNames(open);
  const at = async (batch: number): Promise<Network> => restrictedTo(await source.at(batch), names);
  if (source.fixedBatch !== null) {
    const fixed = await at(source.fixedBatch);
    return factorProgram(fixed, fixed, samples);
  }
  const sizes = factorBatch(open.network, samples, request.batch);
  const together = Math.min(sizes.together, most);
  const narrow = await at(sizes.batch);
  const program = factorProgram(narrow, together === 1 ? narrow : await at(sizes.batch * together), samples);
  if (program.solo.length === 0 || sizes.batch === 1) return program;
  const single = await at(1);
  return factorProgram(single, single, samples);
};

const structureWarnings = ({ solo }: FactorProgram): Warning[] =>
  solo.length === 0 ? [] : [{
    code: "ONE_SAMPLE_AT_A_TIME",
    message: `The use of ${solo.map((s) => `"${s.parameter.name}" (node "${s.node}")`).join(", ")} has no per-sample structure that is known: gradients were taken one sample at a time.`,
    hint: "The result is exact; it only took longer. Leaving these parameters out with --parameters makes it faster.",
  }];

/** The Gram matrix against a product of the same Jacobian, for a random cotangent. */
const checkGram = async ({ open, products, request, signal }: MethodContext, found: Gram): Promise<CheckOutcome | null> => {
  if (exactNames(open).size === 0) return null;
  const cotangentOf = (u: Float64Array): Float64Array => (request.loss === "l2" ? u : gaussNewtonCotangent(u, found.outputs, open.network.outputs));
  return gramCheck(products, open.weights, { batches: open.batches, samples: open.samples, signal }, found.matrix, random(request.seed, "Gram check"), cotangentOf);
};

interface Checked {
  readonly program: FactorProgram;
  readonly found: Gram;
  readonly check: CheckOutcome | null;
}

/**
 * The Gram matrix with its check. Where the check fails with several cotangents in one run, it is computed again with one at a time: a model
 * that counts samples by their place in the batch (index arithmetic over rows) is not the same for repeated samples.
 */
const checkedGram = async (context: MethodContext, edge: number): Promise<Checked> => {
  const { open, request, progress, signal } = context;
  const { runtime, weights, batches, samples } = open;
  const compute = async (program: FactorProgram): Promise<Checked> => {
    const found = await gram({ executor: runtime, program, weights, batches, cotangents: cotangentsOf(request.loss), samples, edge, memory: request.memory, progress: part(progress, 0, 0.55), signal });
    return { program, found, check: await checkGram(context, found) };
  };
  const first = await compute(await gramProgram(context));
  if (first.check?.passed !== false || first.program.together === 1) return first;
  return compute(await gramProgram(context, 1));
};

/** ‖J‖_F from the diagonal of JJᵀ. */
const frobeniusOf = ({ matrix, size }: Gram): number => {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i] ?? 0;
  return Math.sqrt(trace);
};

/** Adds the columns of the parameters that have no rule, taken by differences, and says so. */
const withDifferences = async (context: MethodContext, found: Gram): Promise<{ readonly warnings: readonly Warning[]; readonly error: number }> => {
  const { open, request } = context;
  if (open.ruleless.length === 0) return { warnings: [], error: 0 };
  if (request.loss !== "l2") throw new LensError("JACOBIAN_METHOD", "Differences are computed for --loss l2 only.", "Leave the parameters before operators without a rule out with --parameters.");
  const own = await differences(context, new Set(open.ruleless.map((r) => r.parameter)));
  const added = gramMatrix(own.jacobian, found.size, own.columns, "rows");
  for (let i = 0; i < added.length; i++) found.matrix[i] = (found.matrix[i] ?? 0) + (added[i] ?? 0);
  return own;
};

/** The exact Gram matrix and its whole spectrum. Memory: 8·(nK)² bytes twice, and the factors. */
export const byGram = async (context: MethodContext): Promise<Decomposition> => {
  const { open, request, progress, signal } = context;
  const { network } = open;
  const { program, found, check } = await checkedGram(context, tileEdge(network.outputs, open.samples));
  const gramError = check?.error ?? null;
  const differenced = await withDifferences(context, found);
  const warnings = [...structureWarnings(program), ...differenced.warnings];
  const kept = request.gram === true ? found.matrix.slice() : null;
  const observed = observedOf(context, found.outputs);
  const carried = vectorsToCarry(observed);
  const frobenius = frobeniusOf(found);
  const count = Math.min(found.size, entriesOf(open));
  const error = differenced.error + (open.precision === "double" || exactNames(open).size === 0 ? 0 : gradientFloor(frobenius));
  const spectrumOf = (values: Float64Array, floor: number): Spectrum => ({ singularValues: values.subarray(0, count), complete: true, floor: Math.max(floor, error), frobenius, errors: Array.from(exactCertificate(values.subarray(0, count), error, "double").errors) });
  const exact = await exactSpectrum(found.matrix, found.size, carried.map((c) => c.values), {
    precision: "double",
    leading: (values) => chooseCutoff(request.cutoff, spectrumOf(values, 0), network.outputs).rank,
    progress: part(progress, 0.6, 1),
    ...(signal ? { signal } : {}),
  });
  const spectrum = spectrumOf(exact.singularValues, exact.floor);
  const cutoff = chooseCutoff(request.cutoff, spectrum, network.outputs);
  const held = exact.vectors.length / found.size;
  const leading = held >= cutoff.rank ? { rows: found.size, count: cutoff.rank, values: exact.vectors.subarray(0, cutoff.rank * found.size) } : null;
  const method = { name: exactNames(open).size === 0 ? "finite-difference" : "gram", products: 0, exact: open.ruleless.length === 0, plan: null } as const;
  return { method, observed, carried, spectrum, cutoff, coefficients: exact.coefficients, projections: exactCertificate(spectrum.singularValues, error, "double").projections, leading, blocks: found.blocks, density: null, warnings, gram: kept, gramError };
};
