import type { CacheOptions } from "../analysis/cache/folder-store.ts";
import type { AnalysisRequest } from "../analysis/request.ts";
import { isCancelled, throwIfAborted, toLensError, toWire } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import type { FailedView, LensView, RunningView } from "../protocol/lens.ts";
import { namedFile } from "../protocol/view.ts";
import type { ResultSummary } from "../protocol/worker.ts";
import { WorkerQueue } from "../worker/client-queue.ts";
import { Devices } from "./devices.ts";
import { Emitter } from "./emitter.ts";
import type { WorkerClient } from "../worker/client.ts";
import type { ConfirmPlan } from "./plan/decide.ts";
import type { ResultStore } from "./store/result-store.ts";

/** What becomes of a run, for whoever shows it: status bar, sidebar, panels. */
export type RunEvent =
  | { readonly kind: "started"; readonly view: RunningView }
  | { readonly kind: "progress"; readonly runId: string; readonly fraction: number; readonly label: string }
  | { readonly kind: "done"; readonly runId: string; readonly summary: ResultSummary }
  | { readonly kind: "failed"; readonly view: FailedView }
  | { readonly kind: "cancelled"; readonly runId: string };

/** A run under way. */
export interface Run {
  readonly view: RunningView;
  /** Process id of its worker; null until it has started. */
  readonly pid: number | null;
}

export interface RunsOptions {
  /** Full path of the worker's script. */
  readonly worker: string;
  readonly store: ResultStore;
  readonly log: (line: string) => void;
  /** Milliseconds without a sign of life after which a worker counts as hung; 0: never. */
  readonly patience: () => number;
  /** Variables of the workers' environment beside the host's own, asked for before each run: after a change a fresh worker is started. */
  readonly environment?: () => Promise<Readonly<Record<string, string>>>;
  /** Where Gram matrices are kept, asked for at each run. */
  readonly cache: () => CacheOptions;
}

const FAILURES_KEPT = 10;

/** Sorts by time, unique within a machine's lifetime for all purposes. */
const newRunId = (): string => `${new Date().toISOString().replace(/[-:.Z]/g, "")}-${Math.random().toString(36).slice(2, 8)}`;

/** "waiting for final.onnx", with how many more. */
const waitingLabel = ([first = "", ...others]: readonly string[]): string => `waiting for ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;

/** The request as the user wants it when its plan is known. @throws LensError CANCELLED, and the pipeline's. */
const confirmed = async (client: WorkerClient, request: AnalysisRequest, confirm: ConfirmPlan, signal: AbortSignal): Promise<AnalysisRequest> => {
  const method = await confirm(await client.request("plan", { request }, { signal }));
  throwIfAborted(signal);
  return method === undefined ? request : { ...request, method };
};

/** The analyses under way, in one worker process for each device; what is asked of a busy device waits. */
export class Runs {
  private readonly running = new Map<string, Run>();
  /** The last few that failed: what a panel shows of them. */
  private readonly failed = new Map<string, FailedView>();
  private readonly stops = new Map<string, AbortController>();
  private readonly events = new Emitter<RunEvent>();
  private readonly workers: WorkerQueue;
  private readonly devices = new Devices();

  readonly onEvent = this.events.on;

  constructor(private readonly options: RunsOptions) {
    const { worker: script, log, patience, environment } = options;
    this.workers = new WorkerQueue({ script, log, patience, ...(environment ? { environment } : {}) });
  }

  list(): readonly Run[] {
    return [...this.running.values()];
  }

  /** What there is to show of a run that is under way or has failed. */
  view(runId: string): LensView | undefined {
    return this.running.get(runId)?.view ?? this.failed.get(runId);
  }

  /** Asks a run to stop; an unknown one has stopped already. */
  cancel(runId: string): void {
    this.stops.get(runId)?.abort();
  }

  /** The window closes: there is no time to ask, and a worker deep in native code would outlive its parent by minutes. */
  dispose(): void {
    for (const stop of this.stops.values()) stop.abort();
    this.workers.dispose();
  }

  /**
   * Runs one analysis and stores its result. `onStart` is told before any work; `confirm` decides on the plan before the work begins. Resolves
   * to that id.
   * @throws LensError the pipeline's, WORKER_*, RESULT_WRITE, CANCELLED
   */
  async run(request: AnalysisRequest, signal?: AbortSignal, onStart?: (view: RunningView) => void, confirm?: ConfirmPlan): Promise<string> {
    const runId = newRunId();
    const stop = new AbortController();
    const onAbort = (): void => { stop.abort(); };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) stop.abort();
    const names = { runId, model: namedFile(request.model), data: namedFile(request.data) };
    const begin: RunningView = { ...names, state: "running", fraction: 0, label: "starting" };
    this.stops.set(runId, stop);
    this.running.set(runId, { view: begin, pid: null });
    onStart?.(begin);
    this.events.fire({ kind: "started", view: begin });
    try {
      const summary = await this.work(begin, request, stop.signal, confirm);
      await this.options.store.add(runId, summary);
      this.settle(runId, { kind: "done", runId, summary });
      return runId;
    } catch (error) {
      this.settle(runId, isCancelled(error) ? { kind: "cancelled", runId } : { kind: "failed", view: { ...names, state: "failed", error: toWire(error) } });
      throw toLensError(error);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  private async work(begin: RunningView, asked: AnalysisRequest, signal: AbortSignal, confirm: ConfirmPlan | undefined): Promise<ResultSummary> {
    const { runId, model } = begin;
    let pid: number | null = null;
    const progress: Progress = (fraction, label) => {
      this.running.set(runId, { view: { ...begin, fraction, label }, pid });
      this.events.fire({ kind: "progress", runId, fraction, label });
    };
    const summary = await this.workers.run(this.devices.of(asked), {
      title: model.name,
      signal,
      waiting: (ahead) => { progress(0, waitingLabel(ahead)); },
      work: async (client) => {
        ({ pid } = client);
        progress(0, confirm ? "planning" : "starting");
        const request = confirm ? await confirmed(client, asked, confirm, signal) : asked;
        const folder = await this.options.store.folderFor(runId);
        return client.request("analyse", { runId, request, folder, cache: this.options.cache() }, { signal, progress });
      },
    });
    const known = this.devices.learn(asked, summary.provider);
    if (known) this.workers.rename(known.from, known.to);
    return summary;
  }

  private settle(runId: string, event: RunEvent): void {
    this.running.delete(runId);
    this.stops.delete(runId);
    if (event.kind === "failed") {
      this.failed.set(runId, event.view);
      for (const oldest of [...this.failed.keys()].slice(0, -FAILURES_KEPT)) this.failed.delete(oldest);
    }
    this.events.fire(event);
  }
}
