import type { AnalysisRequest } from "../analysis/request.ts";

/** Raised whenever a contract of this folder changes; compared in the handshake before the first call. */
export const PROTOCOL_VERSION = 1;

/** The name of a worker's bundle version and the program's own. */
export interface Handshake {
  readonly protocol: number;
  readonly pid: number;
}

/** Where the worker writes what an analysis found: full paths, in a folder that exists. */
export interface ResultFiles {
  /** The AnalysisResult as JSON. */
  readonly result: string;
  /** Its ResultView, v8-serialised, so that a panel opens without parsing the JSON on the host's thread. */
  readonly view: string;
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
  readonly method: string;
  readonly largest: number;
  readonly rank: number;
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
    /** One analysis, its result written to `files`. Cancelled by the request's signal between pieces of work. */
    readonly analyse: { params: { readonly request: AnalysisRequest; readonly files: ResultFiles }; result: ResultSummary };
    /** Writes `files.view` again from `files.result`. @throws LensError RESULT_READ */
    readonly render: { params: { readonly files: ResultFiles; readonly runId: string }; result: ResultSummary };
  };
  readonly events: object;
}

/** What the worker's parent hears: at most ten reports a second, the fraction never falling. */
export interface WorkerParent {
  readonly requests: object;
  readonly events: { readonly progress: { readonly fraction: number; readonly label: string } };
}
