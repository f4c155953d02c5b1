import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isCancelled } from "../../../src/core/errors.ts";
import { WorkerQueue, type WorkerQueueOptions } from "../../../src/worker/client-queue.ts";

const script = fileURLToPath(new URL("fake-worker.cjs", import.meta.url));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

let queues: WorkerQueue[] = [];
beforeEach(() => { queues = []; });
afterEach(() => { for (const queue of queues) queue.dispose(); });

/** A queue, and a way to ask it for the fake worker's analyses. */
const open = (options: Partial<WorkerQueueOptions> = {}) => {
  const queue = new WorkerQueue({ script, log: () => undefined, ...options });
  queues.push(queue);
  const events: string[] = [];
  const ask = (title: string, { model = "works.onnx", device = "cpu", signal, begun }: { model?: string; device?: string; signal?: AbortSignal; begun?: (pid: number) => void } = {}): Promise<number> =>
    queue.run(device, {
      title,
      signal,
      waiting: (ahead) => { events.push(`${title} waits for ${ahead.join(", ")}`); },
      work: async (client) => {
        events.push(`${title} begins`);
        begun?.(client.pid);
        await client.request("analyse", { runId: "r", folder: "unused", request: { model, data: "d.npz" } }, { signal });
        events.push(`${title} ends`);
        return client.pid;
      },
    });
  return { queue, events, ask };
};

const outcome = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "done", (error: unknown) => (error instanceof Error && "code" in error ? error.code : error));

describe("the workers of a window", () => {
  it("are kept between requests: one process for one device", async () => {
    const { ask } = open();
    const first = await ask("a");
    expect([await ask("b"), alive(first)]).toEqual([first, true]);
  });

  it("do one thing at a time on one device, in the order asked for, and say what is waited for", async () => {
    const { ask, events } = open();
    await Promise.all([ask("a"), ask("b"), ask("c")]);
    expect(events).toEqual(["b waits for a", "c waits for a, b", "a begins", "a ends", "c waits for b", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("work side by side on two devices", async () => {
    const { ask, events } = open();
    const [first, second] = await Promise.all([ask("a", { device: "cpu" }), ask("b", { device: "cuda" })]);
    expect(first).not.toBe(second);
    expect(events.filter((event) => event.includes("waits"))).toEqual([]);
  });

  it("let one that waits be cancelled at once, and the next move up", async () => {
    const { ask, events } = open();
    const stop = [new AbortController(), new AbortController()];
    const running = outcome(ask("a", { model: "obeys.onnx", ...(stop[0] ? { signal: stop[0].signal } : {}) }));
    const waiting = outcome(ask("b", { ...(stop[1] ? { signal: stop[1].signal } : {}) }));
    const last = ask("c");
    await vi.waitFor(() => { expect(events).toContain("a begins"); });
    const before = performance.now();
    stop[1]?.abort();
    expect(await waiting).toBe("CANCELLED");
    expect(performance.now() - before).toBeLessThan(50);
    expect(events.at(-1)).toBe("c waits for a");
    stop[0]?.abort();
    expect(await running).toBe("CANCELLED");
    await last;
    expect(events).not.toContain("b begins");
  });

  it("are fresh after a crash, each time, and what waited is done", async () => {
    const { ask } = open();
    const first = await ask("a");
    const outcomes = [outcome(ask("b", { model: "crashes.onnx" })), outcome(ask("c", { model: "exits.onnx" })), outcome(ask("d"))];
    expect(await Promise.all(outcomes)).toEqual(["WORKER_CRASH", "WORKER_CRASH", "done"]);
    expect([await ask("e") === first, alive(first)]).toEqual([false, false]);
  });

  it("are fresh after one was killed with nothing to do", async () => {
    const { ask } = open();
    const first = await ask("a");
    process.kill(first, "SIGKILL");
    await vi.waitFor(() => { expect(alive(first)).toBe(false); });
    await new Promise(setImmediate);
    expect(await ask("b")).not.toBe(first);
  });

  it("settle a cancel of native code within 0.3 s, and are fresh afterwards", async () => {
    const { ask, events } = open();
    const stop = new AbortController();
    let pid = 0;
    const running = ask("a", { model: "blocks.onnx", signal: stop.signal, begun: (own) => { pid = own; } });
    const settled = running.then(() => false, isCancelled);
    const next = ask("b");
    await vi.waitFor(() => { expect(events).toContain("a begins"); });
    const before = performance.now();
    stop.abort();
    expect(await settled).toBe(true);
    expect(performance.now() - before).toBeLessThan(300);
    expect(await next).not.toBe(pid);
    expect(alive(pid)).toBe(false);
  });

  it("end when they had nothing to do for a while, and come back when there is", async () => {
    const { ask } = open({ idle: 100 });
    const first = await ask("a");
    await vi.waitFor(() => { expect(alive(first)).toBe(false); });
    expect(await ask("b")).not.toBe(first);
  });

  it("are started again when their environment would be another", async () => {
    let folder = "one";
    const { ask } = open({ environment: () => ({ LIBRARIES: folder }) });
    const first = await ask("a");
    expect(await ask("b")).toBe(first);
    folder = "two";
    expect(await ask("c")).not.toBe(first);
    expect(alive(first)).toBe(false);
  });

  it("keep their process when their device gets its real name", async () => {
    const { queue, ask } = open();
    const first = await ask("a", { device: "auto" });
    queue.rename("auto", "cpu");
    expect(await ask("b", { device: "cpu" })).toBe(first);
    const other = await ask("c", { device: "cuda" });
    queue.rename("cpu", "cuda");
    expect([await ask("d", { device: "cpu" }), await ask("e", { device: "cuda" })]).toEqual([first, other]);
  });

  it("end with the window, running or not", async () => {
    const { queue, ask, events } = open();
    const idle = await ask("a", { device: "cuda" });
    let busy = 0;
    const running = outcome(ask("b", { model: "blocks.onnx", begun: (own) => { busy = own; } }));
    await vi.waitFor(() => { expect(events).toContain("b begins"); });
    queue.dispose();
    expect(await running).toBe("CANCELLED");
    await vi.waitFor(() => { expect([alive(idle), alive(busy)]).toEqual([false, false]); });
  });
});
