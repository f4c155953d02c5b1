import type { Labels } from "../../data/dataset.ts";
import type { GramBlock } from "../../jacobian/gram.ts";
import type { Products } from "../../jacobian/products.ts";
import type { Cutoff } from "../../theory/cutoff.ts";
import type { LeadingVectors, Spectrum } from "../../theory/spectrum.ts";
import type { Progress } from "../../core/progress.ts";
import type { FilledRequest } from "../defaults.ts";
import type { OpenNetwork } from "../open-network.ts";
import type { GramStore } from "../cache/gram-store.ts";
import type { AnalysisResult, Warning } from "../result.ts";
import type { CarriedVector, Observed } from "../summary/vectors.ts";

/** What every method is given. */
export interface MethodContext {
  readonly open: OpenNetwork;
  /** Products with respect to the parameters that are differentiated exactly; shared, so that each graph is loaded once. */
  readonly products: Products;
  readonly request: FilledRequest;
  readonly labels: Labels | null;
  readonly progress: Progress;
  /** FLOPs of the whole method by the plan; absent or null where they were not counted. */
  readonly flops?: number | null;
  readonly signal: AbortSignal | undefined;
  /** Where Gram matrices are kept; absent where they are not. */
  readonly store?: GramStore | null;
  /** All products of gradients in float64; absent where wide ones may be in float32. */
  readonly exactProducts?: boolean;
}

/** ‖J_ℓ‖_F² of the columns of some parameters. */
export type BlockShare = Pick<GramBlock, "parameters" | "squaredNorm">;

/** The checks that run derivative graphs. */
export type DerivativeChecks = Pick<AnalysisResult["checks"], "adjoint" | "finiteDifference">;

/** What every method finds: the Jacobian's spectrum, the cut-off, and what a few vectors are on its left singular vectors. */
export interface Decomposition {
  readonly method: AnalysisResult["method"];
  readonly observed: Observed;
  readonly carried: readonly CarriedVector[];
  readonly spectrum: Spectrum;
  readonly cutoff: Cutoff;
  readonly coefficients: readonly Float64Array[];
  /** For r = 1 …: the sine of the angle between the span of the first r left singular vectors and the computed one is at most this; null where it is not known. */
  readonly projections: Float64Array | null;
  readonly leading: LeadingVectors | null;
  readonly blocks: readonly BlockShare[] | null;
  readonly density: AnalysisResult["density"];
  readonly warnings: readonly Warning[];
  readonly gram: Float64Array | null;
  /** |uᵀGu − ‖Jᵀu‖²|/‖Jᵀu‖² for a random u; null where there is no Gram matrix of exact derivatives. */
  readonly gramError: number | null;
  /** The checks of the derivatives where the method has made or stored them itself; else they are still to be made. */
  readonly checks?: DerivativeChecks | null;
  /** Products in float32, not gradients, limit what is said: see `withExactProducts`. */
  readonly limitedByProducts?: boolean;
  /** True where a refinement computed all of this again, in float64 on the CPU. */
  readonly refined?: boolean;
}

export const observedOf = ({ open, request, labels }: MethodContext, predictions: Float64Array): Observed => ({ predictions, labels, samples: open.samples, loss: request.loss, seed: request.seed });

/** Number of entries of the chosen parameters, p. */
export const entriesOf = ({ choices }: OpenNetwork): number => choices.reduce((sum, c) => sum + (c.chosen ? c.count : 0), 0);
