import { cancelled } from "../core/errors.ts";
import { startWorker, type WorkerClient, type WorkerOptions } from "./client.ts";

export interface WorkerQueueOptions extends Pick<WorkerOptions, "script" | "log" | "grace" | "startTime"> {
  /** Milliseconds without a sign of life after which a worker counts as hung, asked for at each start; 0: never. */
  readonly patience?: () => number;
  /** What a worker's environment has beside this process's own, asked for before each piece of work: after a change a fresh worker is started. */
  readonly environment?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Milliseconds that a worker without work is kept. Default five minutes. */
  readonly idle?: number;
}

/** A piece of work for a device's worker. */
export interface Job<R> {
  /** What stands in the messages of those who wait for it ("final.onnx"). */
  readonly title: string;
  readonly signal?: AbortSignal | undefined;
  /** Told, each time it changes, what this one waits for: titles, the running one first. */
  readonly waiting: (ahead: readonly string[]) => void;
  readonly work: (client: WorkerClient) => Promise<R>;
}

interface Turn {
  readonly title: string;
  readonly waiting: (ahead: readonly string[]) => void;
  readonly begin: () => void;
}

/** One device: its worker, kept between requests, and who has asked for it, the running one first. */
class Lane {
  readonly turns: Turn[] = [];
  private client: WorkerClient | null = null;
  private environment = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: WorkerQueueOptions) {}

  /** Resolves when everything asked for before has ended. @throws LensError CANCELLED at once when `signal` is aborted while it waits */
  enter({ title, waiting, signal }: Omit<Job<never>, "work">): Promise<Turn> {
    if (signal?.aborted) return Promise.reject(cancelled());
    clearTimeout(this.timer);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.leave(turn);
        reject(cancelled());
      };
      const turn: Turn = {
        title,
        waiting,
        begin: () => {
          signal?.removeEventListener("abort", leave);
          resolve(turn);
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.turns.push(turn);
      if (this.turns.length === 1) turn.begin();
      else waiting(this.turns.slice(0, -1).map((ahead) => ahead.title));
    });
  }

  /** Ends a turn, running or waiting. The next one begins; the last one leaves the worker to its rest. */
  leave(turn: Turn): void {
    const place = this.turns.indexOf(turn);
    if (place < 0) return;
    this.turns.splice(place, 1);
    if (place === 0) this.turns[0]?.begin();
    this.turns.forEach((other, i) => { if (i > 0 && i >= place) other.waiting(this.turns.slice(0, i).map((ahead) => ahead.title)); });
    if (this.turns.length > 0) return;
    this.timer = setTimeout(() => { this.kill(); }, this.options.idle ?? 300_000);
    this.timer.unref();
  }

  /** The worker of the last turn, or a fresh one where it has ended or its environment would be another. @throws LensError as startWorker */
  async worker(signal: AbortSignal | undefined): Promise<WorkerClient> {
    const { environment: asked, patience, ...options } = this.options;
    const environment = await asked?.() ?? {};
    const known = JSON.stringify(environment);
    if (this.client?.alive === true && this.environment === known) return this.client;
    // A killed process may take a while to give its memory back: the next one must not begin on top of it.
    await this.client?.dispose();
    this.environment = known;
    this.client = await startWorker({ ...options, environment, ...(patience ? { patience: patience() } : {}) }, signal);
    return this.client;
  }

  kill(): void {
    clearTimeout(this.timer);
    this.client?.kill();
  }
}

/**
 * The worker processes of a window: one for each device, alive between requests so that what it has compiled is used again, and ended when it
 * had nothing to do for some minutes. Pieces of work for one device run one after the other. After a crash the next one gets a fresh worker.
 */
export class WorkerQueue {
  private readonly lanes = new Map<string, Lane>();

  constructor(private readonly options: WorkerQueueOptions) {}

  /** Runs a piece of work on the device's worker when its turn comes. @throws LensError WORKER_START, WORKER_VERSION, CANCELLED, and what `work` throws */
  async run<R>(device: string, job: Job<R>): Promise<R> {
    const lane = this.lanes.get(device) ?? new Lane(this.options);
    this.lanes.set(device, lane);
    const turn = await lane.enter(job);
    try {
      return await job.work(await lane.worker(job.signal));
    } finally {
      lane.leave(turn);
    }
  }

  /** A device turned out to be another one's second name ("auto" is the CPU): its worker is that one's from now on, unless that has its own. */
  rename(from: string, to: string): void {
    const lane = this.lanes.get(from);
    if (!lane || this.lanes.has(to)) return;
    this.lanes.delete(from);
    this.lanes.set(to, lane);
  }

  /** Kills every worker at once: there may be no time to wait. */
  dispose(): void {
    for (const lane of this.lanes.values()) lane.kill();
  }
}
