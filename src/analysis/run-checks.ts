import { LensError } from "../core/errors.ts";
import { type Random, random } from "../core/random.ts";
import { adjointCheck, type CheckOutcome, independenceCheck, mixingNode } from "../jacobian/checks.ts";
import { finiteDifferenceCheck } from "../jacobian/difference-check.ts";
import type { DerivativeChecks, MethodContext } from "./methods/decomposition.ts";
import { doubleNetwork } from "./methods/difference.ts";
import { exactNames, type OpenNetwork } from "./open-network.ts";
import type { Warning } from "./result.ts";

/** @throws LensError JACOBIAN_MIXED when samples of one batch influence each other, naming the first node that mixes them. */
export const checkIndependence = async ({ open, products }: MethodContext): Promise<CheckOutcome> => {
  const check = await independenceCheck(products, open.weights, open);
  if (check.passed) return check;
  const node = await mixingNode(open.runtime, open.network, open.weights, open);
  const where = node === null ? "" : `; the first to mix them is ${node}`;
  throw new LensError("JACOBIAN_MIXED", `The samples of a batch influence one another (outputs change by ${check.error.toExponential(1)} of the largest)${where}: the Jacobian has no row per sample.`, "Export the model in evaluation mode; batch statistics and attention across samples have no per-sample Jacobian. --batch 1 analyses each sample alone.");
};

/** Samples of which differences are taken again in float64, at most: the plan has no memory for more. */
const PRECISE_SAMPLES = 8;

/** J·v against differences, in float64 too where float32 does not settle it. */
const differenceCheck = async ({ open, products, signal }: MethodContext, samples: number, draws: Random): Promise<CheckOutcome | null> => {
  const made: { dispose(): Promise<void> }[] = [];
  try {
    return await finiteDifferenceCheck(products, open.weights, { batches: open.batches, samples, signal }, draws, async () => {
      const wide = await doubleNetwork(open, exactNames(open), Math.min(open.network.batch, PRECISE_SAMPLES));
      if (wide) made.push(wide);
      return wide;
    });
  } finally {
    for (const wide of made) await wide.dispose();
  }
};

/** Forward and reverse mode against one another and against differences, for the parameters that are differentiated exactly. */
export const checkDerivatives = async (context: MethodContext, gramError: number | null): Promise<DerivativeChecks> => {
  const { open, products, request, signal } = context;
  if (exactNames(open).size === 0) return { adjoint: null, finiteDifference: null };
  const draws = random(request.seed, "checks");
  const samples = Math.min(open.samples, open.network.batch);
  const pair = await adjointCheck(products, open.weights, { batches: open.batches, samples, signal }, draws);
  const finiteDifference = await differenceCheck(context, samples, draws);
  const adjoint = gramError !== null && gramError > pair.error ? { error: gramError, tolerance: pair.tolerance, passed: gramError <= pair.tolerance } : pair;
  return { adjoint, finiteDifference };
};

/** What is to be said of derivatives that no difference could be compared with. */
export const uncheckedDerivatives = (open: OpenNetwork, { adjoint, finiteDifference }: DerivativeChecks): Warning[] =>
  adjoint === null || finiteDifference !== null || exactNames(open).size === 0 ? [] : [{
    code: "DIFFERENCES_UNCLEAR",
    message: "J·v could not be compared with differences of the network: with every step, however short, halving it changes them by more than a tenth.",
    hint: "The other checks stand. The network bends within every step that its precision allows, as saturated units do on large data: scale the data to about one, or try --precision double.",
  }];
