import { part, type Progress, weighted } from "../../core/progress.ts";
import type { Gram } from "../../jacobian/gram.ts";
import { gramMatrix } from "../../linalg/matrix-product.ts";
import { type ExactCertificate, exactCertificate } from "../../spectrum/certificate-exact.ts";
import { exactSpectrum } from "../../spectrum/exact.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { exactNames } from "../open-network.ts";
import { CARRIED, eigenFlops } from "../plan/situation.ts";
import type { Warning } from "../result.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type BlockShare, type Decomposition, entriesOf, type MethodContext, observedOf } from "./decomposition.ts";
import { differences } from "./difference.ts";
import { rankOf, wholeDecomposition, wholeSpectrum } from "./exact-decomposition.ts";
import { toCrossEntropy } from "./loss-gram.ts";
import { findGram } from "./stored-gram.ts";
import { oneSampleWarnings, refuseDifferencedLoss } from "./structure.ts";

/** The fraction at which the differences are done, in the progress that `differences` is given. */
const MATRIX_END = 0.6;

/** ‖J‖_F from the diagonal of JJᵀ. */
const frobeniusOf = ({ matrix, size }: Gram): number => {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i] ?? 0;
  return Math.sqrt(trace);
};

/** Adds the columns of the parameters that have no rule, taken by differences, and says so. */
const withDifferences = async (context: MethodContext, found: Gram): Promise<{ readonly warnings: readonly Warning[]; readonly error: number }> => {
  const { open } = context;
  if (open.ruleless.length === 0) return { warnings: [], error: 0 };
  const own = await differences(context, new Set(open.ruleless.map((r) => r.parameter)));
  const added = gramMatrix(own.jacobian, found.size, own.columns, "rows");
  for (let i = 0; i < added.length; i++) found.matrix[i] = (found.matrix[i] ?? 0) + (added[i] ?? 0);
  return own;
};

/** The part of the progress that the matrix and the differences report as 0 … 0.6, and that of the eigenproblem, by FLOPs. */
const shareOut = ({ open, progress, flops }: MethodContext): readonly [Progress, Progress] => {
  const spectrum = eigenFlops(open.samples * open.network.outputs, CARRIED);
  const [matrix = progress, rest = progress] = weighted(progress, [Math.max((flops ?? 2.5 * spectrum) - spectrum, 0), spectrum]);
  return [part(matrix, 0, 1 / MATRIX_END), rest];
};

/** The blocks' shares of the Jacobian that belongs to the loss. */
const sharesOf = ({ blocks }: Gram, crossEntropy: boolean): BlockShare[] =>
  blocks.map(({ parameters, squaredNorm, weighed }) => ({ parameters, squaredNorm: crossEntropy && weighed ? weighed.reduce((sum, value) => sum + value, 0) : squaredNorm }));

/**
 * The exact Gram matrix and its whole spectrum. The matrix of the plain Jacobian is computed or taken from the store; that of another loss
 * follows from it. The eigenproblem is solved anew each time: all eigenvectors, which new labels would need, take twice the space of the
 * matrix and longer to compute than to solve again. Memory: 8·(nK)² bytes twice, and the factors.
 */
export const byGram = async (context: MethodContext): Promise<Decomposition> => {
  const { open, request, signal } = context;
  refuseDifferencedLoss(context);
  const [ofMatrix, ofSpectrum] = shareOut(context);
  const matrixContext = { ...context, progress: ofMatrix };
  const { found, alone, gramError, checks, reused, warnings } = await findGram(matrixContext);
  const differenced = await withDifferences(matrixContext, found);
  const crossEntropy = request.loss === "cross-entropy";
  if (crossEntropy) toCrossEntropy(found.matrix, found.outputs, open.network.outputs);
  const kept = request.gram === true ? found.matrix.slice() : null;
  const observed = observedOf(context, found.outputs);
  const carried = vectorsToCarry(observed);
  const frobenius = frobeniusOf(found);
  const count = Math.min(found.size, entriesOf(open));
  const error = differenced.error + (exactNames(open).size === 0 ? 0 : gradientFloor(frobenius, open.precision));
  const certified = (values: Float64Array): ExactCertificate => exactCertificate(values.subarray(0, count), error, found.size);
  const exact = await exactSpectrum(found.matrix, found.size, carried.map((c) => c.values), {
    leading: (values) => rankOf(context, wholeSpectrum({ exact: { singularValues: values.subarray(0, count) }, certificate: certified(values), floor: error, frobenius })),
    progress: ofSpectrum,
    ...(signal ? { signal } : {}),
  });
  const whole = wholeDecomposition(context, {
    name: exactNames(open).size === 0 ? "finite-difference" : "gram",
    exact: { ...exact, singularValues: exact.singularValues.subarray(0, count) },
    observed, carried, frobenius, gramError,
    certificate: certified(exact.singularValues),
    floor: Math.max(exact.floor, error),
    blocks: sharesOf(found, crossEntropy),
    warnings: [...oneSampleWarnings({ solo: alone.map(({ parameter, node }) => ({ parameter: { name: parameter }, node })) }), ...differenced.warnings, ...warnings],
  });
  return { ...whole, method: { ...whole.method, reused }, gram: kept, checks };
};
