import type { AnalysisRequest } from "./request.ts";

const GiB = 2 ** 30;

type Filled = Required<Pick<AnalysisRequest, "shuffle" | "seed" | "parameters" | "loss" | "method" | "precision" | "provider" | "gamma" | "delta" | "memory">>;

/** A request with every default filled in; what stays absent is decided by the data (samples, batch) or has no default. */
export type FilledRequest = AnalysisRequest & Filled;

const DEFAULTS: Filled = { shuffle: false, seed: 0, parameters: [], loss: "l2", method: "auto", precision: "single", provider: "auto", gamma: 1, delta: 0.1, memory: 4 * GiB };

export const withDefaults = (request: AnalysisRequest): FilledRequest => ({ ...DEFAULTS, ...request });
