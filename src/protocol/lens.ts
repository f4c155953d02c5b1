import type { AnalysisResult, ClassEnergy, ExcludedTensor, LayerShare, ParameterFacts, RankCount, Reused, Warning } from "../analysis/result.ts";
import type { WireError } from "../core/errors.ts";
import type { DensityView } from "./density-view.ts";
import type { PlanView } from "./plan-view.ts";
import type { RuntimeView } from "./runtime-view.ts";

/** A file named to the user: its full path and its last part. */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

interface RunView {
  readonly runId: string;
  readonly model: NamedFile;
  readonly data: NamedFile;
}

export interface RunningView extends RunView {
  readonly state: "running";
  readonly fraction: number;
  readonly label: string;
}

export interface FailedView extends RunView {
  readonly state: "failed";
  readonly error: WireError;
}

/** One vector's energy over the singular directions; arrays have the length of `singularValues`. */
export interface EnergyView {
  /** ‖z‖ */
  readonly norm: number;
  /** cumulative[r − 1] = ‖Π_{I_r} z‖²/‖z‖² */
  readonly cumulative: Float64Array;
  /** Shares per class at the analysis's cut-off, and at every smaller one; null without labels. */
  readonly perClass: readonly ClassEnergy[] | null;
}

export interface RandomLabelsView {
  readonly permutations: number;
  readonly mean: Float64Array;
  /** 5 % and 95 % quantiles. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface CheckView {
  readonly name: keyof AnalysisResult["checks"];
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/** What an analysis was made of and with: the facts line and the details behind it. */
export interface FactsView {
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly seconds: number;
  readonly samples: number;
  readonly outputs: number;
  /** p, all parameters that were differentiated. */
  readonly parameters: number;
  readonly parameterTensors: readonly ParameterFacts[];
  /** Floating tensors that were not differentiated by, with the reason. */
  readonly excluded: readonly ExcludedTensor[];
  readonly opset: number;
  readonly producer: string;
  readonly runtime: RuntimeView;
  readonly method: string;
  /** The method that was asked for; "auto" left the choice to the plan. */
  readonly asked: string;
  readonly plan: PlanView | null;
  /** Samples whose rows of the Gram matrix came from the store, and those computed; null where no store was asked. */
  readonly reused: Reused | null;
  readonly exact: boolean;
  /** Whether `singularValues` are all that J has, min(nK, p). */
  readonly complete: boolean;
  /** Vectors that J or Jᵀ was applied to; 0 where rows or gradients were taken instead. */
  readonly products: number;
  readonly loss: string | null;
  readonly seed: number | null;
  readonly frobenius: number;
}

/** A finished analysis, everything the panel shows. The split at any rank follows from it by core/split. */
export interface ResultView extends RunView {
  readonly state: "done";
  readonly facts: FactsView;
  readonly checks: readonly CheckView[];
  readonly warnings: readonly Warning[];
  /** Descending. */
  readonly singularValues: Float64Array;
  /** How far off a singular value may be: one bound for all, or one for each; null when not certified. */
  readonly errors: number | Float64Array | null;
  /** Singular values below this are rounding noise. */
  readonly floor: number;
  /** Where only the leading singular values were computed: the density of the rest. */
  readonly density: DensityView | null;
  /** The cut-off the user last chose; `rule` says how, in words ("rank K² = 100"), `count` what is certain of the rank of an α that the analysis was asked for. */
  readonly cutoff: { readonly rank: number; readonly alpha: number; readonly rule: string; readonly gap: number | null; readonly certified: boolean; readonly count: RankCount | null };
  readonly labels: EnergyView | null;
  readonly residual: EnergyView | null;
  readonly randomLabels: RandomLabelsView | null;
  /** For each rank the sine of the angle by which the information space may be off; null where it is not known. `splitErrors` of core makes error bars of it. */
  readonly angles: Float64Array | null;
  readonly layers: readonly LayerShare[] | null;
  readonly fit: AnalysisResult["fit"];
  readonly learningRate: AnalysisResult["learningRate"];
}

/** What a panel shows of one run, whatever has become of it. */
export type LensView = RunningView | FailedView | ResultView;

/** Messages from the host to the lens panel. A `view` replaces everything shown; `progress` moves the bar of a running one. */
export interface LensPanel {
  readonly requests: object;
  readonly events: {
    readonly view: LensView;
    readonly progress: { readonly runId: string; readonly fraction: number; readonly label: string };
  };
}

interface RunRequest {
  params: { readonly runId: string };
  result: null;
}

/** Messages from the lens panel to the host. `ready` is sent once, when the page listens; the host then sends `view`. */
export interface LensHost {
  readonly requests: {
    /** Keeps the cut-off the user dragged to: rank in 1 … number of singular values. */
    readonly setCutoff: { params: { readonly runId: string; readonly rank: number }; result: null };
    readonly openModel: RunRequest;
    readonly openData: RunRequest;
    readonly openResultJson: RunRequest;
    /** Asks for a place and writes the AnalysisResult there; `saved` is false when the user thinks better of it. */
    readonly exportJson: { params: { readonly runId: string }; result: { readonly saved: boolean } };
    /** Puts text (the table shown, tab-separated) on the clipboard. */
    readonly copyTable: { params: { readonly text: string }; result: null };
    /** Runs the same model and data again. */
    readonly analyseAgain: RunRequest;
    /** Stops the running analysis. */
    readonly cancel: RunRequest;
    readonly openLog: { params: null; result: null };
  };
  readonly events: { readonly ready: null };
}

/** What the page keeps with setState, and what the serializer gets back after a reload. */
export interface LensPanelState {
  readonly runId: string;
}
