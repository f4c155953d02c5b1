import { LensError } from "../core/errors.ts";
import type { Runtime, Session, SessionOptions } from "../runtime/session.ts";
import { collectGarbage } from "./collect-garbage.ts";

/** Above this share of what is allowed, garbage is collected before the next run: V8 leaves the buffers of results lying about. */
const TIDY = 0.7;

/** Share of what is allowed that has to be added since the last collection before there is another. */
const GROWTH = 0.03;

/** What is held to a limit: `tidy` collects garbage near it, `refuse` stops the analysis beyond it as well. */
export type Keeping = "tidy" | "refuse";

/** What the analyses under way may take; the process has one memory, so the least of them counts. */
const limits = new Set<{ readonly bytes: number; readonly keeping: Keeping }>();

let afterCollection = 0;

const leastOf = (some: Iterable<{ readonly bytes: number }>): number => Math.min(...Array.from(some, ({ bytes }) => bytes), Infinity);

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

/**
 * Keeps the process within what is allowed: collects garbage where it comes near, and stops the analysis where that does not help. Called
 * before each run of a graph. Cost: microseconds. @throws LensError MEMORY.
 */
export const watchMemory = (): void => {
  const limit = leastOf(limits);
  if (limit === Infinity) return;
  const resident = process.memoryUsage.rss();
  if (resident < TIDY * limit || resident < afterCollection + GROWTH * limit) return;
  collectGarbage();
  afterCollection = process.memoryUsage.rss();
  const most = leastOf([...limits].filter(({ keeping }) => keeping === "refuse"));
  if (afterCollection <= most) return;
  throw new LensError("MEMORY", `The process takes ${mebibytes(afterCollection)} MiB, more than was planned; ${mebibytes(most)} MiB are allowed.`, "Allow more memory (--memory), or take a smaller batch (--batch), fewer samples (--samples) or parameters (--parameters).");
};

/**
 * Runs `work` with the resident memory of the process held to `bytes`, as far as ONNX Runtime's runs through `guarded` see it. Before there is a
 * plan it is kept tidy only: a process that is too large by itself is for the plan to refuse, which knows what would fit.
 */
export const withinMemory = async <T>(bytes: number, keeping: Keeping, work: () => Promise<T>): Promise<T> => {
  const own = { bytes, keeping };
  limits.add(own);
  afterCollection = 0;
  try {
    return await work();
  } finally {
    limits.delete(own);
  }
};

const guardedSession = (session: Session): Session => ({
  inputs: session.inputs,
  outputs: session.outputs,
  outputTypes: session.outputTypes,
  run: (feeds, fetches) => {
    watchMemory();
    return fetches === undefined ? session.run(feeds) : session.run(feeds, fetches);
  },
  dispose: () => session.dispose(),
});

/** A runtime that looks at the memory before it loads or runs anything. */
export const guarded = (runtime: Runtime): Runtime => ({
  provider: runtime.provider,
  version: runtime.version,
  threads: runtime.threads,
  capabilities: runtime.capabilities,
  async load(model: Uint8Array, options?: SessionOptions): Promise<Session> {
    watchMemory();
    return guardedSession(await (options === undefined ? runtime.load(model) : runtime.load(model, options)));
  },
  proof: () => runtime.proof(),
});
