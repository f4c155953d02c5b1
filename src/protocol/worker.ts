import type { CacheOptions } from "../analysis/cache/folder-store.ts";
import type { Plan } from "../analysis/plan/plan.ts";
import type { AnalysisRequest } from "../analysis/request.ts";

/** Raised whenever a contract of this folder changes; compared in the handshake before the first call. */
export const PROTOCOL_VERSION = 3;

/** The first answer of a worker: what it speaks, and its process. */
export interface Handshake {
  readonly protocol: number;
  readonly pid: number;
}

/**
 * The files of one stored result, in a folder of their own that is written beside and renamed into place: it is complete or not there.
 * `result` is the AnalysisResult as JSON; `view` its ResultView, v8-serialised, so that a panel opens without parsing JSON on the host's
 * thread; `summary` a StoredSummary as JSON.
 */
export const RESULT_FILES = { result: "result.json", view: "view.bin", summary: "summary.json" } as const;

/** Versions of the files of this extension's own making; a file of another version is made again from result.json. */
export const STORED_VERSION = 3;

export interface StoredSummary {
  readonly version: number;
  readonly summary: ResultSummary;
}

/** The headline figures of a stored result: what trees, hovers and notifications show without opening it. */
export interface ResultSummary {
  readonly model: string;
  readonly data: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly seconds: number;
  readonly samples: number;
  readonly outputs: number;
  readonly parameters: number;
  readonly opset: number;
  readonly producer: string;
  readonly provider: string;
  /** Nodes that ran on the CPU though another provider was in use. */
  readonly fallback: number;
  readonly method: string;
  readonly largest: number;
  /** The cut-off the user last chose; `rule` says how, in words ("rank K² = 100"). */
  readonly rank: number;
  readonly rule: string;
  readonly alpha: number;
  readonly gap: number | null;
  /** ‖Π_I y‖/‖y‖ at the cut-off; null without labels. */
  readonly labelsInformation: number | null;
  readonly residualInformation: number | null;
  readonly accuracy: number | null;
  readonly checksPassed: number;
  readonly checksMade: number;
  readonly warnings: number;
}

/** What the worker process answers. */
export interface Worker {
  readonly requests: {
    readonly handshake: { params: { readonly protocol: number }; result: Handshake };
    /** One analysis, stored in `folder`, a full path that does not exist yet. Cancelled by the request's signal between pieces of work. `cache`: where Gram matrices are kept. */
    readonly analyse: { params: { readonly runId: string; readonly request: AnalysisRequest; readonly folder: string; readonly cache?: CacheOptions }; result: ResultSummary };
    /** What the analysis would cost and by which method, without doing it: a second or so. */
    readonly plan: { params: { readonly request: AnalysisRequest }; result: Plan };
    /** Makes the view and summary of a stored result again from its JSON. @throws LensError RESULT_READ */
    readonly render: { params: { readonly runId: string; readonly folder: string }; result: ResultSummary };
  };
  readonly events: object;
}

/** What the worker's parent hears: at most ten reports a second, the fraction never falling. */
export interface WorkerParent {
  readonly requests: object;
  readonly events: { readonly progress: { readonly fraction: number; readonly label: string } };
}
