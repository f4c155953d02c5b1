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
  /** Set once they are known. */
  provider: ProviderName | null;
  batch: number | null;
}

/** Failures of a provider, rather than of the model or the data: with `auto` the next one is tried. */
const OF_PROVIDER: ReadonlySet<string> = new Set(["RUNTIME_DIFFERS", "RUNTIME_LOAD", "RUNTIME_RUN", "RUNTIME_MEMORY"]);

const halved = ({ request, warnings, provider, batch, without }: Attempt, from: number): Attempt => {
  const to = Math.floor(from / 2);
  const warning: Warning = {
    code: "BATCH_HALVED",
    message: `${provider ?? "The provider"} ran out of memory with ${from} samples in a batch; ${to} were tried next.`,
    hint: "The result is the same; --batch with the smaller number saves the attempt.",
  };
  return { request: { ...request, batch: to }, without, warnings: [...warnings, warning], provider: null, batch };
};

/** The next attempt after a failure; null where there is none to be made. */
const next = (attempt: Attempt, error: unknown): Attempt | null => {
  if (!(error instanceof LensError)) return null;
  const { request, without, provider, batch } = attempt;
  if (error.code === "RUNTIME_MEMORY" && batch !== null && batch > 1) return halved(attempt, batch);
  if (request.provider !== "auto" || provider === null || provider === "cpu" || !OF_PROVIDER.has(error.code)) return null;
  return { ...attempt, without: [...without, { provider, reason: error.message, remedy: error.hint }], provider: null, batch: null };
};

/**
 * Runs an analysis, again with half the batch where the device's memory does not hold it, and with `auto` on the next provider where one fails.
 * A provider asked for by name is never exchanged. Rejects with the last failure.
 */
export const persistently = async <T>(request: FilledRequest, run: (attempt: Attempt) => Promise<T>): Promise<T> => {
  let attempt: Attempt = { request, without: [], warnings: [], provider: null, batch: null };
  for (;;) {
    try {
      return await run(attempt);
    } catch (error) {
      const another = next(attempt, error);
      if (!another) throw error;
      attempt = another;
    }
  }
};
