import { LensError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { adjointCheck, type CheckOutcome, finiteDifferenceCheck, independenceCheck, mixingNode } from "../jacobian/checks.ts";
import type { DerivativeChecks, MethodContext } from "./methods/decomposition.ts";
import { exactNames } from "./open-network.ts";

/** @throws LensError JACOBIAN_MIXED when samples of one batch influence each other, naming the first node that mixes them. */
export const checkIndependence = async ({ open, products }: MethodContext): Promise<CheckOutcome> => {
  const check = await independenceCheck(products, open.weights, open);
  if (check.passed) return check;
  const node = await mixingNode(open.runtime, open.network, open.weights, open);
  const where = node === null ? "" : `; the first to mix them is ${node}`;
  throw new LensError("JACOBIAN_MIXED", `The samples of a batch influence one another (outputs change by ${check.error.toExponential(1)} of the largest)${where}: the Jacobian has no row per sample.`, "Export the model in evaluation mode; batch statistics and attention across samples have no per-sample Jacobian. --batch 1 analyses each sample alone.");
};

/** Forward and reverse mode against one another and against differences, for the parameters that are differentiated exactly. */
export const checkDerivatives = async ({ open, products, request, signal }: MethodContext, gramError: number | null): Promise<DerivativeChecks> => {
  if (exactNames(open).size === 0) return { adjoint: null, finiteDifference: null };
  const draws = random(request.seed, "checks");
  const batch = { batches: open.batches, samples: Math.min(open.samples, open.network.batch), signal };
  const pair = await adjointCheck(products, open.weights, batch, draws);
  const finiteDifference = await finiteDifferenceCheck(products, open.weights, batch, draws);
  const adjoint = gramError !== null && gramError > pair.error ? { error: gramError, tolerance: pair.tolerance, passed: gramError <= pair.tolerance } : pair;
  return { adjoint, finiteDifference };
};
