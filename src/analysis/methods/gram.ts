import { part, type Progress, weighted } from "../../core/progress.ts";
import { type Gram, squaresOf } from "../../jacobian/gram.ts";
import { gramMatrix } from "../../linalg/matrix-product.ts";
import { type ExactCertificate, exactCertificate, gramErrorOf } from "../../spectrum/certificate-exact.ts";
import { exactSpectrum } from "../../spectrum/exact.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { mostParallel, productError } from "../../spectrum/product-error.ts";
import { exactNames } from "../open-network.ts";
import { CARRIED, eigenFlops } from "../plan/situation.ts";
import type { Warning } from "../result.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type BlockShare, type Decomposition, entriesOf, type MethodContext, observedOf } from "./decomposition.ts";
import { differences } from "./difference.ts";
import { isLimited } from "./exact-products.ts";
import { rankOf, wholeDecomposition, wholeSpectrum } from "./exact-decomposition.ts";
import { crossEntropySquares, toCrossEntropy } from "./loss-gram.ts";
import { findGram } from "./stored-gram.ts";
import { oneSampleWarnings, refuseDifferencedLoss } from "./structure.ts";

/** The fraction at which the differences are done, in the progress that `differences` is given. */
const MATRIX_END = 0.6;

/** ‖J‖_F from the diagonal of JJᵀ. */
const frobeniusOf = (gram: Gram): number => Math.sqrt(squaresOf(gram).reduce((sum, value) => sum + value, 0));

/** A bound of what products in float32 did to the matrix, of the plain Jacobian still, once it is that of the loss. */
const productErrorOf = (plain: Gram, crossEntropy: boolean, classes: number): number => {
  if (plain.rounding === null) return 0;
  const squares = squaresOf(plain);
  const parallelRows = mostParallel(plain.matrix, squares);
  return productError({ rounding: plain.rounding, squares: crossEntropy ? crossEntropySquares(squares, plain.outputs, classes) : squares, parallelRows });
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
  const ofProducts = productErrorOf(found, crossEntropy, open.network.outputs);
  if (crossEntropy) toCrossEntropy(found.matrix, found.outputs, open.network.outputs);
  const kept = request.gram === true ? found.matrix.slice() : null;
  const observed = observedOf(context, found.outputs);
  const carried = vectorsToCarry(observed);
  const frobenius = frobeniusOf(found);
  const count = Math.min(found.size, entriesOf(open));
  const error = differenced.error + (exactNames(open).size === 0 ? 0 : gradientFloor(frobenius, open.precision));
  const certified = (values: Float64Array, products = ofProducts): ExactCertificate => exactCertificate(values.subarray(0, count), error, found.size, products);
  const floorOf = (values: Float64Array, products = ofProducts): number => Math.max(error, Math.sqrt(gramErrorOf(values[0] ?? 0, found.size, products)));
  const exact = await exactSpectrum(found.matrix, found.size, carried.map((c) => c.values), {
    leading: (values) => rankOf(context, wholeSpectrum({ exact: { singularValues: values.subarray(0, count) }, certificate: certified(values), floor: floorOf(values), frobenius })),
    progress: ofSpectrum,
    ...(signal ? { signal } : {}),
  });
  const whole = wholeDecomposition(context, {
    name: exactNames(open).size === 0 ? "finite-difference" : "gram",
    exact: { ...exact, singularValues: exact.singularValues.subarray(0, count) },
    observed, carried, frobenius, gramError,
    certificate: certified(exact.singularValues),
    floor: floorOf(exact.singularValues),
    blocks: sharesOf(found, crossEntropy),
    warnings: [...oneSampleWarnings({ solo: alone.map(({ parameter, node }) => ({ parameter: { name: parameter }, node })) }), ...differenced.warnings, ...warnings],
  });
  const limitedByProducts = ofProducts > 0 && isLimited(whole, { certificate: certified(exact.singularValues, 0), floor: floorOf(exact.singularValues, 0) });
  return { ...whole, method: { ...whole.method, reused }, gram: kept, checks, limitedByProducts };
};
