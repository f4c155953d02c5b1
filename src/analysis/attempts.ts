import { LensError } from "../core/errors.ts";
import type { ProviderName, Refusal } from "../runtime/session.ts";
import type { FilledRequest } from "./defaults.ts";
import type { Warning } from "./result.ts";

/** What an attempt at an analysis tells about itself before it fails. */
export interface Attempt {
  readonly request: FilledRequest;
  /** Providers that failed in earlier attempts. */
  readonly without: readonly Refusal[];
  /** What earlier attempts taught, for the result. */
  readonly warnings: readonly Warning[];
  /** Samples times cotangents of a run that writes gradients, at most; null before memory ran out. */
  readonly most: number | null;
  /** Set once they are known. */
  provider: ProviderName | null;
  batch: number | null;
  /** Samples times cotangents of a run that writes gradients; null where there is none. */
  rows: number | null;
}

/** Failures of a provider, rather than of the model or the data: with `auto` the next one is tried. */
const OF_PROVIDER: ReadonlySet<string> = new Set(["RUNTIME_DIFFERS", "RUNTIME_LOAD", "RUNTIME_RUN", "RUNTIME_MEMORY"]);

/** Half of it, but one at least. */
const half = (count: number): number => Math.max(1, Math.floor(count / 2));

const worded = (batch: number, rows: number | null): string =>
  (batch > 1 ? `${batch} samples in a batch; ${half(batch)} were tried next` : `1 sample in a batch and ${rows ?? 1} of its gradients in a run; half as many gradients were tried next`);

/** Half the samples in a batch; gradients of one sample are halved where there is but one. */
const halved = ({ request, warnings, provider, batch, rows, without }: Attempt, from: number): Attempt => {
  const most = rows === null ? null : half(rows);
  const warning: Warning = {
    code: "BATCH_HALVED",
    message: `${provider ?? "The provider"} ran out of memory with ${worded(from, rows)}.`,
    hint: "The result is the same; --batch with the smaller number saves the attempt.",
  };
  return { request: { ...request, batch: half(from) }, without, warnings: [...warnings, warning], most, provider: null, batch, rows };
};

/** The next attempt after a failure; null where there is none to be made. Another provider begins with what was `asked`: it has another memory. */
const next = (attempt: Attempt, asked: FilledRequest, error: unknown): Attempt | null => {
  if (!(error instanceof LensError)) return null;
  const { request, without, provider, batch, rows } = attempt;
  if (error.code === "RUNTIME_MEMORY" && batch !== null && (batch > 1 || (rows ?? 1) > 1)) return halved(attempt, batch);
  if (request.provider !== "auto" || provider === null || provider === "cpu" || !OF_PROVIDER.has(error.code)) return null;
  return { ...attempt, request: asked, most: null, without: [...without, { provider, reason: error.message, remedy: error.hint }], provider: null, batch: null, rows: null };
};

/**
 * Runs an analysis, again with half the batch where the device's memory does not hold it, and with `auto` on the next provider where one fails.
 * A provider asked for by name is never exchanged. Rejects with the last failure.
 */
export const persistently = async <T>(request: FilledRequest, run: (attempt: Attempt) => Promise<T>): Promise<T> => {
  let attempt: Attempt = { request, without: [], warnings: [], most: null, provider: null, batch: null, rows: null };
  for (;;) {
    try {
      return await run(attempt);
    } catch (error) {
      const another = next(attempt, request, error);
      if (!another) throw error;
      attempt = another;
    }
  }
};
