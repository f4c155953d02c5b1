import type { ChildProcess } from "node:child_process";
import { totalmem } from "node:os";
import { cancelled, LensError } from "../core/errors.ts";
import { silent, type Progress } from "../core/progress.ts";
import { Channel } from "../protocol/channel.ts";
import { PROTOCOL_VERSION, type Worker, type WorkerParent } from "../protocol/worker.ts";
import { removeProfiles } from "../system/profiles.ts";
import { endedError, hungError } from "./ending.ts";
import { LifeSigns } from "./life-signs.ts";
import { followLines, type OutputLines } from "./output-lines.ts";
import { processPort } from "./process-port.ts";
import { startProcess } from "./start-process.ts";

export interface WorkerOptions {
  /** Full path of the worker's script. */
  readonly script: string;
  /** Hears the lines the worker writes on its outputs: ONNX Runtime's own messages and the reasons providers were refused. */
  readonly log: (line: string) => void;
  /** Milliseconds between asking a worker to stop and ending it. Default 200. */
  readonly grace?: number;
  /** Milliseconds without a sign of life during a request after which it counts as hung; 0: never. Default 120 000. */
  readonly patience?: number;
  /** Milliseconds a worker may take to its first answer. Default 30 000. */
  readonly startTime?: number;
  /** Variables of the worker's environment beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

type WorkerChannel = Channel<WorkerParent, Worker>;
type Requests = Worker["requests"];

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears what the worker reports while it is at this request. */
  readonly progress?: Progress | undefined;
}

/** A started worker process, ready for one request after another. Its owner disposes it. */
export interface WorkerClient {
  readonly pid: number;
  /** False from the moment its process is ended or found ended: no request can succeed any more. */
  readonly alive: boolean;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /**
   * Asks. An abort is passed on, and after `grace` without an answer the process is killed: the promise settles then, `ended` a little later.
   * @throws LensError the worker's, CANCELLED, WORKER_CRASH, WORKER_MEMORY, WORKER_HANG
   */
  request<K extends keyof Requests>(name: K, params: Requests[K]["params"], options?: RequestOptions): Promise<Requests[K]["result"]>;
  /** Kills the process at once if it still runs, without waiting. */
  kill(): void;
  /** Kills the process and waits until it is gone. */
  dispose(): Promise<void>;
}

/** Milliseconds after its end that a process's last lines may take; a pipe that something else inherited would never close. */
const LAST_LINES = 1000;

/** Ends the channel when the process ends, however it ends; resolves then. `close` comes after the last line and the last message. */
const watchEnd = (child: ChildProcess, channel: WorkerChannel, lines: OutputLines, life: LifeSigns, environment: WorkerOptions["environment"]): Promise<void> =>
  new Promise((ended) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      lines.flush();
      channel.close(endedError({ code, signal, tail: lines.tail(), held: life.held, machine: totalmem(), environment: { ...process.env, ...environment } }));
      void removeProfiles(child.pid).then(ended);
    };
    child.once("error", (error) => {
      channel.close(new LensError("WORKER_START", `The worker process could not be started: ${error.message}.`, "Reinstall the extension; if that does not help, report it with the log.", { cause: error }));
      if (child.pid === undefined) ended();
    });
    child.once("exit", (code, signal) => {
      const late = setTimeout(end, LAST_LINES, code, signal);
      child.once("close", () => {
        clearTimeout(late);
        end(code, signal);
      });
    });
  });

/** Runs `work`; an abort gives it `wait` milliseconds to end by itself. */
const killable = async <R>(work: () => Promise<R>, signal: AbortSignal | undefined, wait: number, kill: () => void): Promise<R> => {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => { timer = setTimeout(kill, wait); };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
};

/** The other side of a started process. */
class Client implements WorkerClient {
  alive = true;
  readonly pid: number;
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly channel: WorkerChannel;
  private readonly lines: OutputLines;
  private readonly life: LifeSigns;
  private progress: Progress = silent;

  constructor(private readonly options: WorkerOptions) {
    const { child, lifeline } = startProcess(options.script, options.environment);
    this.child = child;
    this.pid = child.pid ?? 0;
    this.lines = followLines([child.stdout, child.stderr], options.log);
    this.life = new LifeSigns(lifeline);
    this.channel = new Channel(processPort(child), { requests: {}, events: { progress: ({ fraction, label }) => { this.hear(fraction, label); } } });
    this.ended = watchEnd(child, this.channel, this.lines, this.life, options.environment);
    child.once("exit", () => { this.alive = false; });
    child.once("error", () => { this.alive = false; });
  }

  async request<K extends keyof Requests>(name: K, params: Requests[K]["params"], { signal, progress = silent }: RequestOptions = {}): Promise<Requests[K]["result"]> {
    const { grace = 200, patience = 120_000 } = this.options;
    let doing = "";
    this.progress = (fraction, label) => {
      doing = label;
      progress(fraction, label);
    };
    const unwatch = this.life.watch(patience, () => { this.end(hungError(patience / 1000, doing)); });
    try {
      return await killable(() => this.channel.request<K>(name, params as never, signal) as Promise<Requests[K]["result"]>, signal, grace, () => { this.kill(); });
    } finally {
      unwatch();
      this.progress = silent;
      this.lines.flush();
    }
  }

  /** Shakes hands. @throws LensError WORKER_START, WORKER_VERSION, WORKER_CRASH, CANCELLED */
  async greet(signal: AbortSignal | undefined): Promise<void> {
    const { startTime = 30_000 } = this.options;
    const late = setTimeout(() => {
      this.end(new LensError("WORKER_START", `The worker process did not answer in ${startTime} ms.`, "The machine may be very busy: run it again."));
    }, startTime);
    try {
      const { protocol } = await killable(() => this.channel.request("handshake", { protocol: PROTOCOL_VERSION }), signal, 0, () => { this.kill(); });
      if (protocol !== PROTOCOL_VERSION) {
        throw new LensError("WORKER_VERSION", `The worker speaks protocol ${protocol}, the extension ${PROTOCOL_VERSION}.`, "Reload the window: the extension was updated while it ran.");
      }
    } finally {
      clearTimeout(late);
    }
  }

  kill(): void {
    this.end(cancelled());
  }

  async dispose(): Promise<void> {
    this.kill();
    await this.ended;
  }

  private end(reason: LensError): void {
    this.alive = false;
    this.channel.close(reason);
    this.child.kill("SIGKILL");
  }

  private hear(fraction: number, label: string): void {
    this.life.spoke();
    this.progress(fraction, label);
  }
}

/** Starts a worker process and shakes hands with it. @throws LensError WORKER_START, WORKER_VERSION, WORKER_CRASH, CANCELLED; nothing is left running. */
export const startWorker = async (options: WorkerOptions, signal?: AbortSignal): Promise<WorkerClient> => {
  if (signal?.aborted) throw cancelled();
  const client = new Client(options);
  try {
    await client.greet(signal);
    return client;
  } catch (error) {
    await client.dispose();
    throw error;
  }
};
