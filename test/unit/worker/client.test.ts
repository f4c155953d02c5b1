import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isCancelled, LensError } from "../../../src/core/errors.ts";
import { profilePrefix } from "../../../src/system/profiles.ts";
import { startWorker, type WorkerClient, type WorkerOptions } from "../../../src/worker/client.ts";

const script = fileURLToPath(new URL("fake-worker.cjs", import.meta.url));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const start = async (options: Partial<WorkerOptions> & { signal?: AbortSignal } = {}) => {
  const lines: string[] = [];
  const { signal, ...rest } = options;
  const client = await startWorker({ script, log: (line) => lines.push(line), ...rest }, signal);
  return { client, lines };
};

const ask = (client: WorkerClient, model: string, signal?: AbortSignal, reports: string[] = []) => {
  const progress = (fraction: number, label: string): void => { reports.push(`${fraction} ${label}`); };
  return client.request("analyse", { runId: "r", folder: "unused", request: { model, data: "d.npz" } }, { signal, progress });
};

const rejection = async (promise: Promise<unknown>): Promise<LensError> => {
  const error: unknown = await promise.then(() => new Error("was fulfilled"), (reason: unknown) => reason);
  if (!(error instanceof LensError)) throw error;
  return error;
};

afterEach(() => { vi.unstubAllEnvs(); });

describe("the worker's client", () => {
  it("shakes hands, passes the request, reports progress and lines, and ends the process", async () => {
    const { client, lines } = await start();
    expect(alive(client.pid)).toBe(true);
    const reports: string[] = [];
    expect(await ask(client, "works.onnx", undefined, reports)).toMatchObject({ model: "works.onnx" });
    expect(reports).toEqual(["0.5 half"]);
    await vi.waitFor(() => { expect(lines).toEqual(["a line of the runtime"]); });
    await client.dispose();
    expect(alive(client.pid)).toBe(false);
  });

  it("gives each request the reports of its own time only, and variables beside the environment", async () => {
    const { client } = await start({ environment: { FAKE_WORKER: "polite" } });
    const reports: string[][] = [[], []];
    expect(await ask(client, "works.onnx", undefined, reports[0])).toMatchObject({ env: "polite" });
    await ask(client, "works.onnx", undefined, reports[1]);
    expect(reports).toEqual([["0.5 half"], ["0.5 half"]]);
    await client.dispose();
  });

  it("removes what a killed worker leaves among the temporary files", async () => {
    const { client } = await start();
    const left = mkdtempSync(path.join(tmpdir(), profilePrefix(client.pid)));
    await client.dispose();
    expect(existsSync(left)).toBe(false);
  });

  it("brings the worker's error back as itself and stays usable", async () => {
    const { client } = await start();
    expect(await rejection(ask(client, "fails.onnx"))).toMatchObject({ code: "DATA_SHAPE", hint: "do not" });
    expect(await ask(client, "works.onnx")).toMatchObject({ model: "works.onnx" });
    await client.dispose();
  });

  it("says how a worker crashed, with the last lines it wrote", async () => {
    const { client } = await start();
    const error = await rejection(ask(client, "crashes.onnx"));
    expect(error.code).toBe("WORKER_CRASH");
    expect(error.message).toContain("SIGSEGV");
    expect(error.message).toContain("terminate called after throwing\nout of luck");
    expect(alive(client.pid)).toBe(false);
    expect((await rejection(ask(client, "works.onnx"))).code).toBe("WORKER_CRASH");
  });

  it("answers when the worker leaves without a word, and when it is killed from outside", async () => {
    const { client } = await start();
    expect((await rejection(ask(client, "exits.onnx"))).message).toContain("exit status 3");
    const second = (await start()).client;
    const answer = rejection(ask(second, "blocks.onnx"));
    process.kill(second.pid, "SIGKILL");
    const error = await answer;
    expect(error.code).toBe("WORKER_CRASH");
    expect(error.hint).toContain("memory");
  });

  it("says that JavaScript's heap was full where it was", async () => {
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=24");
    const { client } = await start();
    const error = await rejection(ask(client, "fills.onnx"));
    expect([error.code, error.message.split("\n").some((line) => line.includes("heap out of memory"))]).toEqual(["WORKER_MEMORY", true]);
  });

  it("ends one that lives but does nothing, once its patience is over, and names what it was at", async () => {
    const { client } = await start({ patience: 600 });
    const reports: string[] = [];
    const error = await rejection(ask(client, "blocks.onnx", undefined, reports));
    expect(reports).toEqual(["0.1 blocking"]);
    expect(error.code).toBe("WORKER_HANG");
    expect(error.message).toContain("blocking");
    await client.ended;
    expect([client.alive, alive(client.pid)]).toEqual([false, false]);
  });

  it("leaves one alone that computes without a word for longer than its patience", async () => {
    const { client } = await start({ patience: 600 });
    expect(await ask(client, "computes.onnx")).toMatchObject({ model: "computes.onnx" });
    await client.dispose();
  });

  it("asks first: a worker that obeys is not killed", async () => {
    const { client } = await start({ grace: 10_000 });
    const controller = new AbortController();
    const answer = rejection(ask(client, "obeys.onnx", controller.signal));
    controller.abort();
    expect(isCancelled(await answer)).toBe(true);
    expect(alive(client.pid)).toBe(true);
    await client.dispose();
  });

  it("kills a worker that is deep in native code, within 0.3 s; that is a cancel, not a crash", async () => {
    const { client } = await start();
    const controller = new AbortController();
    const reports: string[] = [];
    const answer = rejection(ask(client, "blocks.onnx", controller.signal, reports));
    await vi.waitFor(() => { expect(reports).toEqual(["0.1 blocking"]); });
    const before = performance.now();
    controller.abort();
    expect(isCancelled(await answer)).toBe(true);
    const took = performance.now() - before;
    expect(took).toBeGreaterThan(150);
    expect(took).toBeLessThan(300);
    await client.dispose();
    expect(alive(client.pid)).toBe(false);
  });

  it("refuses a worker of another version", async () => {
    vi.stubEnv("FAKE_WORKER", "old");
    expect((await rejection(start())).code).toBe("WORKER_VERSION");
  });

  it("gives up on a worker that does not answer the handshake, dies at once, or is not there", async () => {
    vi.stubEnv("FAKE_WORKER", "silent");
    expect((await rejection(start({ startTime: 300 }))).code).toBe("WORKER_START");
    vi.stubEnv("FAKE_WORKER", "dies at once");
    expect((await rejection(start())).message).toContain("exit status 7");
    expect((await rejection(start({ script: `${script}.missing` }))).code).toBe("WORKER_CRASH");
  });

  it("can be cancelled while it starts", async () => {
    vi.stubEnv("FAKE_WORKER", "silent");
    const controller = new AbortController();
    const started = rejection(start({ signal: controller.signal }));
    controller.abort();
    expect(isCancelled(await started)).toBe(true);
    expect(isCancelled(await rejection(start({ signal: controller.signal })))).toBe(true);
  });
});
