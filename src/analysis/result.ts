import type { DeviceUse } from "./device-use.ts";
import type { Plan } from "./plan/plan.ts";
import type { AnalysisRequest, MethodName } from "./request.ts";
import type { Adapter, Proof, ProviderName, Refusal } from "../runtime/session.ts";
import type { ClassEnergy } from "../theory/class-energy.ts";
import type { Cutoff, RankCount } from "../theory/cutoff.ts";
import type { Energy } from "../theory/energy.ts";
import type { Fit } from "../theory/fit.ts";
import type { LearningRates } from "../theory/learning-rate.ts";
import type { RandomLabels } from "../theory/random-labels.ts";
import type { Hypothesis, Statement } from "../theory/statements/statement.ts";

export type { ClassEnergy, Cutoff, Energy, Fit, Hypothesis, LearningRates, RandomLabels, RankCount, Statement };

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ArrayFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export interface ParameterFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly layer: string;
}

/** A floating tensor of the model that is not differentiated by, and why. */
export interface ExcludedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly reason: string;
}

/** One check made at run time, with the number on both sides. */
export interface Check {
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
  /** Made when the Gram matrix that was read from the store was computed, not in this run. */
  readonly stored?: true;
}

/** How many samples' rows and columns of the Gram matrix were taken from the store, and how many were computed. */
export interface Reused {
  readonly samples: number;
  readonly computed: number;
}

export interface LayerShare {
  readonly name: string;
  readonly parameters: readonly string[];
  /** ‖J_ℓ‖_F of this layer's columns. */
  readonly frobenius: number;
  /** ‖J_ℓ‖_F²/‖J‖_F². */
  readonly share: number;
}

/**
 * The density of singular values over log10 λ and what bounds it; fields as in spectrum/density.ts, in singular values per decade. An
 * upper end that is not finite is null in JSON.
 */
export interface DensityFacts {
  /** log10 λ, equally spaced; the four curves have its length. */
  readonly axis: readonly number[];
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly leading: readonly number[];
  readonly count: number;
  readonly belowFloor: number;
  readonly floor: number;
  readonly certainZeros: number;
  /** Random vectors that the density rests on, and steps of each; absent in results of earlier versions. */
  readonly probes?: number;
  readonly steps?: number;
  /** ‖J‖_F² lies in [low, high], except with probability `failure`. */
  readonly squaredNorm: { readonly value: number; readonly low: number; readonly high: number | null; readonly failure: number };
  /** ‖J‖_F² less the leading λ². */
  readonly tailMass: { readonly mass: number; readonly low: number; readonly high: number | null };
  /** Every singular value not computed is at most `bound`, except with probability `failure`. */
  readonly rest: { readonly estimate: number; readonly bound: number | null; readonly failure: number };
}

/**
 * The result of one analysis; COMMAND-LINE.md's `schema: 1`. Plain JSON data. A field that was not computed is null, never absent and
 * never zero. Numbers have full precision.
 */
export interface AnalysisResult {
  readonly schema: 1;
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly seconds: number;
  readonly request: AnalysisRequest;
  readonly model: { readonly path: string; readonly sha256: string; readonly opset: number; readonly producer: string; readonly warnings: readonly Warning[] };
  readonly data: { readonly path: string; readonly sha256: string; readonly samples: number; readonly outputs: number; readonly x: ArrayFacts; readonly y: ArrayFacts | null };
  readonly parameters: readonly ParameterFacts[];
  readonly excluded: readonly ExcludedTensor[];
  readonly runtime: {
    readonly provider: ProviderName;
    /** Name of the device, and whether it is software on the CPU; null where that is not known. Absent in results of earlier versions, as are the next five. */
    readonly adapter?: Adapter | null;
    /** Its memory when the analysis began, and the batches sized by it; null on the CPU and where the device does not tell. */
    readonly memory?: DeviceUse | null;
    /** Nodes executed per execution provider, as ONNX Runtime names them, by the profile of each graph's first run; null on the CPU, where nothing else can run. */
    readonly nodes: Proof["nodes"];
    /** Values copied between device and CPU inside the graphs, in one run of each; null on the CPU. */
    readonly copies?: number | null;
    /** The nodes that ran on the CPU instead; null on the CPU. */
    readonly fallback?: Proof["fallback"] | null;
    /** What was computed on the CPU on purpose, in words. */
    readonly host?: Proof["host"];
    /** Whether products are rounded to TensorFloat-32's 10-bit mantissas. */
    readonly tf32?: boolean;
    readonly refused: readonly Refusal[];
    readonly precision: "single" | "double";
    readonly onnxruntime: string;
  };
  /** `reused`: null where no store was asked, absent in results of earlier versions. */
  readonly method: { readonly name: MethodName; readonly products: number; readonly exact: boolean; readonly plan: Plan | null; readonly reused?: null | Reused };
  /** `provider`: one batch on the provider against the CPU; null on the CPU, absent in results of earlier versions. */
  readonly checks: { readonly adjoint: Check | null; readonly finiteDifference: Check | null; readonly samplesIndependent: Check | null; readonly provider?: Check | null };
  /** Descending; min(nK, p) of them for a full spectrum. */
  readonly singularValues: readonly number[];
  /** Singular values below this are rounding noise. THEORY §9. */
  readonly floor: number;
  /** One bound for all singular values, or one for each; null when not certified. */
  readonly errors: number | readonly number[] | null;
  /** ‖J‖_F. */
  readonly frobenius: number;
  /** Where only the leading singular values were computed: the density of the rest. */
  readonly density: DensityFacts | null;
  readonly cutoff: Cutoff;
  readonly energy: {
    readonly labels: Energy | null;
    readonly residual: Energy | null;
    readonly randomLabels: RandomLabels | null;
    /** For each rank: the sine of the angle by which the information space may be off, from which `splitErrors` of core has the shares' error bars; null where it is not known, absent in results of earlier versions. */
    readonly angles?: readonly number[] | null;
  };
  readonly samples: { readonly nuisance: readonly number[] | null; readonly leverage: readonly number[] | null };
  readonly layers: readonly LayerShare[] | null;
  readonly fit: Fit | null;
  readonly learningRate: LearningRates;
  readonly theory: Readonly<Record<string, Statement>> | null;
}
