import { LensError } from "../../core/errors.ts";
import { part } from "../../core/progress.ts";
import { random } from "../../core/random.ts";
import type { CheckOutcome } from "../../jacobian/checks.ts";
import { exactCertificate } from "../../spectrum/certificate-exact.ts";
import { exactSpectrumOfRows, type RowsSpectrum } from "../../spectrum/exact-rows.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { exactNames } from "../open-network.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type Decomposition, entriesOf, type MethodContext, observedOf } from "./decomposition.ts";
import { rankOf, wholeDecomposition, wholeSpectrum } from "./exact-decomposition.ts";
import { gaussNewtonCotangent } from "./loss-operator.ts";
import { blocksOf, openRowSource, type RowsOfAnalysis } from "./row-source.ts";
import { type Dimensions, rowsMethodBytes } from "./sizes.ts";

/** nK, p and how many left vectors the cut-off is expected to need. */
export const dimensionsOf = ({ open, request }: Pick<MethodContext, "open" | "request">): Dimensions => {
  const rows = open.samples * open.network.outputs;
  const columns = entriesOf(open);
  const asked = request.cutoff?.kind === "rank" ? request.cutoff.value : open.network.outputs ** 2;
  return { rows, columns, rank: Math.min(asked, rows, columns) };
};

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

/** @throws LensError MEMORY, JACOBIAN_METHOD. */
const refuse = ({ request }: MethodContext, size: Dimensions): void => {
  const { rows, columns } = size;
  if (request.gram === true) throw new LensError("JACOBIAN_METHOD", "--method rows works on J and does not form JJᵀ, which --gram writes.", "Use --method gram with --gram.");
  const needs = rowsMethodBytes(size);
  if (needs <= request.memory) return;
  const what = columns < rows ? `JᵀJ [${columns}, ${columns}] and the left singular vectors` : `J [${rows}, ${columns}] and JJᵀ`;
  throw new LensError("MEMORY", `--method rows holds ${what}: ${mebibytes(needs)} MiB; ${mebibytes(request.memory)} MiB are allowed.`, "Use --method krylov for the leading part, take fewer samples (--samples) or parameters (--parameters), or allow more memory (--memory).");
};

/** What the rows say of a random cotangent against a product: ‖uᵀJ − Jᵀu‖/‖Jᵀu‖ over the parameters that have rules. */
const checkRows = async ({ open, products, request, signal }: MethodContext, rowsPulled: Float64Array, u: Float64Array, outputs: Float64Array): Promise<CheckOutcome | null> => {
  if (exactNames(open).size === 0) return null;
  const cotangent = request.loss === "l2" ? u : gaussNewtonCotangent(u, outputs, open.network.outputs);
  const direction = await products.vjp(open.weights, { batches: open.batches, samples: open.samples, signal }, cotangent);
  let [at, squared, difference] = [0, 0, 0];
  for (const piece of direction) {
    for (const value of piece) {
      squared += value * value;
      difference += (value - rowsPulled[at++]!) ** 2;
    }
  }
  const error = squared === 0 ? Math.sqrt(difference) : Math.sqrt(difference / squared);
  return { error, tolerance: 1e-4, passed: error <= 1e-4 };
};

interface Checked {
  readonly opened: RowsOfAnalysis;
  readonly found: RowsSpectrum;
  readonly check: CheckOutcome | null;
}

/** The rounding of the gradients, and what differences add. */
export const gradientError = ({ open }: MethodContext, { differenceError }: Pick<RowsOfAnalysis, "differenceError">, frobenius: number): number =>
  differenceError + (exactNames(open).size === 0 ? 0 : gradientFloor(frobenius, open.precision));

const frobeniusOf = (squaredColumns: Float64Array): number => Math.sqrt(squaredColumns.reduce((sum, value) => sum + value, 0));

/** The rows' spectrum with its check; `most`: cotangents of a sample in one run. */
const compute = async (context: MethodContext, vectors: readonly Float64Array[], outputs: Float64Array, keep: number, most: number): Promise<Checked> => {
  const { progress, signal } = context;
  const opened = await openRowSource({ ...context, progress: part(progress, 0, 0.5) }, keep, most);
  try {
    const found = await exactSpectrumOfRows(opened.source, vectors, {
      leading: (values) => rankOf(context, wholeSpectrum({ exact: { singularValues: values }, certificate: { errors: values, projections: values }, floor: 0, frobenius: Math.hypot(...values) })),
      progress: part(progress, 0.5, 1),
      ...(signal ? { signal } : {}),
    });
    return { opened, found, check: await checkRows(context, found.pulled.at(-1)!, vectors.at(-1)!, outputs) };
  } finally {
    await opened.dispose();
  }
};

/**
 * All singular values from the rows of J: per-sample gradients written out, then JᵀJ where p < nK, which neither holds J nor forms JJᵀ, else
 * J held and JJᵀ. Where the check fails with several cotangents in one run, it is computed again with one at a time, as `byGram`.
 * Memory: `rowsMethodBytes`. @throws LensError MEMORY, JACOBIAN_METHOD.
 */
export const byRows = async (context: MethodContext): Promise<Decomposition> => {
  const { open, products, request, signal } = context;
  const size = dimensionsOf(context);
  refuse(context, size);
  const outputs = await products.outputs(open.weights, { batches: open.batches, samples: open.samples, signal });
  const observed = observedOf(context, outputs);
  const carried = vectorsToCarry(observed);
  const vectors = [...carried.map((c) => c.values), random(request.seed, "rows check").normals(size.rows)];
  const keep = size.columns < size.rows ? request.memory - rowsMethodBytes(size) : 0;
  const first = await compute(context, vectors, outputs, keep, Infinity);
  const again = first.check?.passed === false && first.opened.together > 1;
  const { opened, found, check } = again ? await compute(context, vectors, outputs, keep, 1) : first;
  const frobenius = frobeniusOf(found.squaredColumns);
  const error = gradientError(context, opened, frobenius);
  return wholeDecomposition(context, {
    name: "rows", exact: found, observed, carried, frobenius,
    certificate: exactCertificate(found.singularValues, error, Math.min(size.rows, size.columns)),
    floor: Math.max(found.floor, error),
    blocks: blocksOf(opened, found.squaredColumns),
    warnings: opened.warnings,
    gramError: check?.error ?? null,
  });
};
