import os from "node:os";
import path from "node:path";
import { Analyser } from "../analysis/analyser.ts";
import { collectGarbage } from "../analysis/collect-garbage.ts";
import { cancelled, toWire } from "../core/errors.ts";
import { throttled } from "../core/progress.ts";
import { Channel, type Handlers } from "../protocol/channel.ts";
import { toSummary } from "../protocol/view.ts";
import { PROTOCOL_VERSION, type Worker, type WorkerParent } from "../protocol/worker.ts";
import { holdLifeline } from "./hold-lifeline.ts";
import { processPort } from "./process-port.ts";
import { readResult, writeDerived, writeResult } from "./result-folder.ts";

/** The command line's bundle beside this one, which tries a provider in a process of its own. */
const entry = path.join(path.dirname(process.argv[1] ?? ""), "cli.cjs");

/** Keeps the graphs of the last network: another checkpoint of it needs no tracing, building or loading. */
const analyser = new Analyser();

const IDLE = "jacobian-lens worker: idle";

/** Runs `work` under a process title that says what it is ("jacobian-lens worker: analysing final.onnx"), and leaves no garbage behind. */
const titled = async <R>(doing: string, work: () => Promise<R>): Promise<R> => {
  process.title = `jacobian-lens worker: ${doing}`;
  try {
    return await work();
  } finally {
    process.title = IDLE;
    setImmediate(collectGarbage);
  }
};

/**
 * The worker process: one request after another, until its parent ends it. Runs ONNX Runtime, whose calls block this thread, which is why it
 * is a process of its own; below normal priority, so that the editor stays quick while all cores compute.
 */
const handlers: Handlers<Worker> = {
  requests: {
    handshake: () => Promise.resolve({ protocol: PROTOCOL_VERSION, pid: process.pid }),
    analyse: ({ runId, request, folder, cache }, signal) => titled(`analysing ${path.basename(request.model)}`, async () => {
      const progress = throttled((fraction, label) => { parent.emit("progress", { fraction, label }); });
      const { result } = await analyser.analyse(request, { progress, signal, entry, ...(cache ? { cache } : {}) });
      await writeResult(folder, runId, result);
      return toSummary(result);
    }),
    plan: ({ request }, signal) => titled(`planning ${path.basename(request.model)}`, () => {
      const progress = throttled((fraction, label) => { parent.emit("progress", { fraction, label }); });
      return analyser.plan(request, { progress, signal, entry });
    }),
    render: ({ runId, folder }) => titled(`reading ${runId}`, async () => {
      const result = await readResult(folder);
      await writeDerived(folder, runId, result);
      return toSummary(result);
    }),
  },
  events: {},
};

const parent = new Channel<Worker, WorkerParent>(processPort(process), handlers);

process.title = IDLE;
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
holdLifeline();
process.on("disconnect", () => {
  parent.close(cancelled());
  process.exit(0);
});
process.on("uncaughtException", (error) => {
  const { code, message, stack } = toWire(error);
  console.error(`${code}: ${message}\n${stack ?? ""}`);
  process.exit(1);
});
