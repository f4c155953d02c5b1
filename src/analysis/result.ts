import type { AnalysisRequest, MethodName } from "./request.ts";
import type { ProviderName, Refusal } from "../runtime/session.ts";

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

/** One check made at run time, with the number on both sides. */
export interface Check {
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/**
 * Energy of one vector z ∈ R^{nK} in the information and the nuisance space. THEORY §2.
 * `information` and `nuisance` are ‖Πz‖/‖z‖ (not squared), `pseudoInverse` is ‖J_I†z‖/‖z‖,
 * `cumulative[r − 1]` = ‖Π_{I_r} z‖²/‖z‖² for r = 1 … number of singular values.
 */
export interface Energy {
  readonly norm: number;
  readonly information: number;
  readonly nuisance: number;
  readonly pseudoInverse: number;
  readonly cumulative: readonly number[];
  /** Per class c: the shares for the part of z that belongs to samples labelled c; null without labels. */
  readonly perClass: readonly ClassEnergy[] | null;
}

export interface ClassEnergy {
  readonly class: number;
  readonly samples: number;
  readonly information: number;
  readonly nuisance: number;
}

/** Cumulative power of labels permuted at random: mean and 5–95 % band, each of the length of `singularValues`. */
export interface RandomLabels {
  readonly permutations: number;
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface LayerShare {
  readonly name: string;
  readonly parameters: readonly string[];
  /** ‖J_ℓ‖_F of this layer's columns. */
  readonly frobenius: number;
  /** ‖J_ℓ‖_F²/‖J‖_F². */
  readonly share: number;
}

export interface Hypothesis {
  readonly text: string;
  readonly left: number | null;
  readonly right: number | null;
  readonly state: "met" | "not met" | "not measurable";
}

/** One statement of the theory, evaluated. */
export interface Statement {
  readonly source: string;
  readonly terms: Readonly<Record<string, number>>;
  readonly value: number | null;
  readonly vacuous: boolean | null;
  readonly hypotheses: readonly Hypothesis[];
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
  readonly runtime: {
    readonly provider: ProviderName;
    /** Nodes executed per execution provider, as ONNX Runtime names them; null when not profiled. */
    readonly nodes: Readonly<Record<string, number>> | null;
    readonly refused: readonly Refusal[];
    readonly precision: "single" | "double";
    readonly onnxruntime: string;
  };
  readonly method: { readonly name: MethodName; readonly products: number; readonly exact: boolean; readonly plan: null | Readonly<Record<string, unknown>> };
  readonly checks: { readonly adjoint: Check | null; readonly finiteDifference: Check | null; readonly samplesIndependent: Check | null };
  /** Descending; min(nK, p) of them for a full spectrum. */
  readonly singularValues: readonly number[];
  /** Singular values below this are rounding noise. THEORY §9. */
  readonly floor: number;
  /** One bound for all singular values, or one for each; null when not certified. */
  readonly errors: number | readonly number[] | null;
  /** ‖J‖_F. */
  readonly frobenius: number;
  readonly density: null | Readonly<Record<string, unknown>>;
  readonly cutoff: { readonly rule: string; readonly alpha: number; readonly rank: number; readonly gap: number | null; readonly certified: boolean };
  readonly energy: { readonly labels: Energy | null; readonly residual: Energy | null; readonly randomLabels: RandomLabels | null };
  readonly samples: { readonly nuisance: readonly number[] | null; readonly leverage: readonly number[] | null };
  readonly layers: readonly LayerShare[] | null;
  readonly fit: null | { readonly loss: number; readonly accuracy: number | null; readonly error: number | null; readonly margin: null | { readonly smallest: number; readonly median: number; readonly largest: number } };
  readonly learningRate: { readonly sharpness: number; readonly theory: number; readonly divergence: number; readonly inUsersUnits: null | Readonly<Record<string, number>> };
  readonly theory: Readonly<Record<string, Statement>> | null;
}
