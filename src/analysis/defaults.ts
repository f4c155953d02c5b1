import { LensError } from "../core/errors.ts";
import type { AnalysisRequest } from "./request.ts";

const GiB = 2 ** 30;

type Filled = Required<Pick<AnalysisRequest, "shuffle" | "seed" | "parameters" | "loss" | "method" | "precision" | "provider" | "gamma" | "delta" | "memory">>;

/** A request with every default filled in; what stays absent is decided by the data (samples, batch) or has no default. */
export type FilledRequest = AnalysisRequest & Filled;

const DEFAULTS: Filled = { shuffle: false, seed: 0, parameters: [], loss: "l2", method: "auto", precision: "single", provider: "auto", gamma: 1, delta: 0.1, memory: 4 * GiB };

/** @throws LensError JACOBIAN_METHOD for what this version does not compute. */
export const withDefaults = (request: AnalysisRequest): FilledRequest => {
  const filled: FilledRequest = { ...DEFAULTS, ...request };
  if (filled.method === "rows" || filled.method === "sketch") {
    throw new LensError("JACOBIAN_METHOD", `Method "${filled.method}" is not part of this version.`, "Use --method gram, krylov or finite-difference.");
  }
  return filled;
};
