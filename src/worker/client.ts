import { fork, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { cancelled, LensError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { Channel } from "../protocol/channel.ts";
import { PROTOCOL_VERSION, type Worker, type WorkerParent } from "../protocol/worker.ts";
import { processPort } from "./process-port.ts";

export interface WorkerOptions {
  /** Full path of the worker's script. */
  readonly script: string;
  /** Hears every line the worker writes on its outputs: ONNX Runtime's own messages and the reasons providers were refused. */
  readonly log: (line: string) => void;
  readonly progress: Progress;
  /** Milliseconds between asking a worker to stop and ending it. Default 2000. */
  readonly patience?: number;
  /** Milliseconds a worker may take to its first answer. Default 30 000. */
  readonly startTime?: number;
}

type WorkerChannel = Channel<WorkerParent, Worker>;

/** A started worker process, ready for one call. Its owner disposes it. */
export interface WorkerClient {
  readonly pid: number;
  /** Asks; an abort is passed on, and after `patience` without an answer the process is killed. @throws LensError the worker's, CANCELLED, WORKER_CRASH */
  request: WorkerChannel["request"];
  /** Ends the process if it still runs, and waits until it is gone. */
  dispose(): Promise<void>;
}

const TAIL_LINES = 12;

/**
 * VS Code's own executable is Electron: ELECTRON_RUN_AS_NODE makes it behave as Node. Debugger flags of the parent are not passed on.
 * CUDA would round to 10-bit mantissas (TF32) unless the environment says otherwise before it starts.
 */
const start = (script: string): ChildProcess =>
  fork(script, [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
    env: { NVIDIA_TF32_OVERRIDE: "0", ...process.env, ...("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {}) },
  });

/** Passes lines on and keeps the last few, for the message when the process dies. */
const followLines = (streams: readonly (Readable | null)[], log: (line: string) => void): readonly string[] => {
  const tail: string[] = [];
  for (const stream of streams) {
    if (!stream) continue;
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
      log(line);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    });
  }
  return tail;
};

const crash = (code: number | null, signal: NodeJS.Signals | null, tail: readonly string[]): LensError => {
  const how = signal ? `by signal ${signal}` : `with exit status ${String(code)}`;
  const said = tail.length > 0 ? ` Its last lines:\n${tail.join("\n")}` : "";
  const hint = signal === "SIGKILL" ? "It was killed from outside, most often because the machine ran out of memory: analyse fewer samples, or lower the memory setting." : "The log has all it wrote. Try the cpu provider, or fewer samples.";
  return new LensError("WORKER_CRASH", `The worker process ended ${how} before it answered.${said}`, hint);
};

/** Ends the channel when the process ends, however it ends; resolves then. `close` comes after the last line and the last message. */
const watchEnd = (child: ChildProcess, channel: WorkerChannel, tail: readonly string[]): Promise<void> =>
  new Promise((ended) => {
    child.once("error", (error) => {
      channel.close(new LensError("WORKER_START", `The worker process could not be started: ${error.message}.`, "Reinstall the extension; if that does not help, report it with the log.", { cause: error }));
      if (child.pid === undefined) ended();
    });
    child.once("close", (code, signal) => {
      channel.close(crash(code, signal, tail));
      ended();
    });
  });

const greet = async (channel: WorkerChannel, child: ChildProcess, startTime: number): Promise<void> => {
  const late = setTimeout(() => {
    channel.close(new LensError("WORKER_START", `The worker process did not answer in ${startTime} ms.`, "The machine may be very busy: run it again."));
    child.kill("SIGKILL");
  }, startTime);
  try {
    const { protocol } = await channel.request("handshake", { protocol: PROTOCOL_VERSION });
    if (protocol !== PROTOCOL_VERSION) {
      throw new LensError("WORKER_VERSION", `The worker speaks protocol ${protocol}, the extension ${PROTOCOL_VERSION}.`, "Reload the window: the extension was updated while it ran.");
    }
  } finally {
    clearTimeout(late);
  }
};

/** Starts a worker process and shakes hands with it. @throws LensError WORKER_START, WORKER_VERSION, WORKER_CRASH, CANCELLED; nothing is left running. */
export const startWorker = async (options: WorkerOptions, signal?: AbortSignal): Promise<WorkerClient> => {
  const { script, log, progress, patience = 2000, startTime = 30_000 } = options;
  if (signal?.aborted) throw cancelled();
  const child = start(script);
  const tail = followLines([child.stdout, child.stderr], log);
  const channel: WorkerChannel = new Channel(processPort(child), { requests: {}, events: { progress: ({ fraction, label }) => { progress(fraction, label); } } });
  const ended = watchEnd(child, channel, tail);
  const kill = (): void => {
    channel.close(cancelled());
    child.kill("SIGKILL");
  };
  const dispose = async (): Promise<void> => {
    kill();
    await ended;
  };
  /** Runs `work`; an abort gives it `wait` milliseconds to end by itself. */
  const killable = async <R>(work: () => Promise<R>, stop: AbortSignal | undefined, wait: number): Promise<R> => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => { timer = setTimeout(kill, wait); };
    stop?.addEventListener("abort", onAbort, { once: true });
    try {
      return await work();
    } finally {
      stop?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    }
  };
  try {
    await killable(() => greet(channel, child, startTime), signal, 0);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { pid: child.pid ?? 0, dispose, request: (name, params, stop) => killable(() => channel.request(name, params, stop), stop, patience) };
};
