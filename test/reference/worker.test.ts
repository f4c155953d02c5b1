import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultSummary } from "../../src/protocol/worker.ts";
import type { WorkerClient } from "../../src/worker/client.ts";
import { WorkerQueue } from "../../src/worker/client-queue.ts";
import { inRepository, scratch } from "./command-line.ts";
import { writeLongModel } from "./long-model.ts";
import { isRunning, processes, untilGone } from "./processes.ts";

/** The built worker, as the extension starts it, with real processes and a run that holds ONNX Runtime for half a minute. */
const SCRIPT = inRepository("dist/worker.cjs");
const MODEL = inRepository("examples/digits/clean/step_20000.onnx");
const DATA = inRepository("examples/digits/clean/train.npz");

const folder = scratch();
const LONG = { model: path.join(folder, "long.onnx"), data: path.join(folder, "long.npz") };
const HOST = path.join(folder, "host.cjs");

beforeAll(async () => {
  writeLongModel(LONG.model, LONG.data);
  await build({ entryPoints: [inRepository("test/reference/worker-host.ts")], outfile: HOST, bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" });
});

const lines: string[] = [];
const queue = new WorkerQueue({ script: SCRIPT, log: (line) => lines.push(line), patience: () => 2000 });
afterAll(() => {
  queue.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (milliseconds: number): Promise<void> => new Promise((later) => setTimeout(later, milliseconds));

/** Long enough for a worker to have read the long model and to be inside its one run. */
const INSIDE = 3000;

let runs = 0;

interface Asked {
  readonly answer: Promise<ResultSummary>;
  readonly worker: Promise<WorkerClient>;
  /** The first report that begins with the text. */
  readonly reported: (label: string) => Promise<void>;
  readonly folder: string;
}

const ask = (request: { readonly model: string; readonly data: string; readonly samples?: number } = { model: MODEL, data: DATA, samples: 60 }, signal?: AbortSignal): Asked => {
  const place = path.join(folder, `run-${runs++}`);
  const labels: string[] = [];
  let begun: (client: WorkerClient) => void;
  const worker = new Promise<WorkerClient>((resolve) => { begun = resolve; });
  const answer = queue.run("cpu", {
    title: path.basename(request.model),
    signal,
    waiting: () => undefined,
    work: (client) => {
      begun(client);
      return client.request("analyse", { runId: path.basename(place), folder: place, request: { ...request, provider: "cpu" } }, { signal, progress: (_, label) => labels.push(label) });
    },
  });
  answer.catch(() => undefined);
  const reported = async (label: string): Promise<void> => {
    while (!labels.some((each) => each.startsWith(label))) await pause(2);
  };
  return { answer, worker, reported, folder: place };
};

const code = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "done", (error: unknown) => (error instanceof Error && "code" in error ? error.code : error));

const titleOf = async (pid: number): Promise<string> => (await processes()).find((each) => each.pid === pid)?.title ?? "";

/** Times are of the clock: on a machine that is busy with other things one of three tries is enough. */
const TIMED = { retry: 2, timeout: 90_000 };

describe("the built worker", TIMED, () => {
  it("killed in the middle twice in a row: the third analysis succeeds, nothing is lost, no zombie is left", async () => {
    const before = ask();
    await before.answer;
    const killed: number[] = [];
    for (let time = 0; time < 2; time++) {
      const { answer, worker, reported } = ask({ model: MODEL, data: DATA });
      await reported("");
      const { pid } = await worker;
      process.kill(pid, "SIGKILL");
      expect(await code(answer)).toBe("WORKER_CRASH");
      killed.push(pid);
    }
    const third = ask();
    expect(await third.answer).toMatchObject({ samples: 60, outputs: 10 });
    for (const result of [before, third]) expect(readdirSync(result.folder).sort()).toEqual(["result.json", "summary.json", "view.bin"]);
    expect(new Set([...killed, (await third.worker).pid]).size).toBe(3);
    const own = (await processes()).filter(({ parent }) => parent === process.pid);
    expect(own.filter(({ state }) => state.startsWith("Z"))).toEqual([]);
    expect(own.filter(({ pid }) => killed.includes(pid))).toEqual([]);
  });

  it("says in its process title what it does, and stays for the next request", async () => {
    const first = ask();
    const { pid } = await first.worker;
    await first.reported("");
    expect(await titleOf(pid)).toBe("jacobian-lens worker: analysing step_20000.onnx");
    await first.answer;
    expect(await titleOf(pid)).toBe("jacobian-lens worker: idle");
    const second = ask();
    await second.answer;
    expect((await second.worker).pid).toBe(pid);
  });

  it("that yields is cancelled within 0.3 s and kept", async () => {
    const stop = new AbortController();
    const { answer, worker, reported } = ask({ model: MODEL, data: DATA }, stop.signal);
    await reported("");
    const begun = performance.now();
    stop.abort();
    expect(await code(answer)).toBe("CANCELLED");
    const took = performance.now() - begun;
    console.log(`cancel of a worker that yields: ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(300);
    const next = ask();
    await next.answer;
    expect((await next.worker).pid).toBe((await worker).pid);
  });

  it("deep in one native run is no hang while it computes, and is cancelled within 0.3 s", async () => {
    const stop = new AbortController();
    const { answer, worker, folder: place } = ask(LONG, stop.signal);
    const { pid } = await worker;
    // Longer than the patience of two seconds, all of it without a message.
    await pause(INSIDE + 3000);
    expect(await isRunning(pid)).toBe(true);
    const begun = performance.now();
    stop.abort();
    expect(await code(answer)).toBe("CANCELLED");
    const took = performance.now() - begun;
    const gone = await untilGone(pid);
    console.log(`cancel of a worker in a native run: ${took.toFixed(0)} ms, process gone ${gone.toFixed(0)} ms later`);
    expect(took).toBeLessThan(300);
    expect([existsSync(place), existsSync(`${place}.partial`)]).toEqual([false, false]);
    expect(await code(ask().answer)).toBe("done");
  });

  it("that stands still is ended with a clear error, and the next analysis works", async () => {
    const { answer, worker } = ask(LONG);
    const { pid } = await worker;
    await pause(INSIDE);
    process.kill(pid, "SIGSTOP");
    const error: unknown = await answer.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "WORKER_HANG", message: expect.stringContaining("no sign of life for 2 s") as string });
    await untilGone(pid);
    expect(await code(ask().answer)).toBe("done");
  });
});

describe("the worker of a host that is gone", TIMED, () => {
  it.each<[string, NodeJS.Signals]>([["killed with -9", "SIGKILL"], ["asked to end", "SIGTERM"]])("ends within a second although native code holds it: host %s", async (_, signal) => {
    const host = spawn(process.execPath, [HOST, SCRIPT, LONG.model, LONG.data, path.join(folder, "of-host")], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: host.stdout }), "line") as [string];
    const pid = Number(line);
    await pause(INSIDE);
    expect(await isRunning(pid)).toBe(true);
    host.kill(signal);
    const took = await untilGone(pid);
    console.log(`worker gone ${took.toFixed(0)} ms after ${signal} of its host`);
    expect(took).toBeLessThan(1000);
    expect((await processes()).filter(({ title }) => title.includes("jacobian-lens worker: analysing long.onnx"))).toEqual([]);
  });
});
