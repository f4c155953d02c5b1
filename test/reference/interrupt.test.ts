import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inRepository, scratch } from "./command-line.ts";
import { writeLongModel } from "./long-model.ts";
import { processes, untilGone } from "./processes.ts";

/** The built command line while ONNX Runtime holds its thread for half a minute. */
const folder = scratch();
const LONG = { model: path.join(folder, "long.onnx"), data: path.join(folder, "long.npz") };
beforeAll(() => { writeLongModel(LONG.model, LONG.data); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  /** Milliseconds from the start. */
  readonly after: number;
}

const start = (...options: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const begun = performance.now();
  const child = spawn(process.execPath, [inRepository("dist/cli.cjs"), "analyze", LONG.model, "--data", LONG.data, "--provider", "cpu", "--quiet", ...options], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  return { child, ended: new Promise((resolve) => child.once("close", (status) => { resolve({ status, stderr, after: performance.now() - begun }); })) };
};

const pause = (milliseconds: number): Promise<void> => new Promise((later) => setTimeout(later, milliseconds));

/** Long enough to have read the long model and to be inside its one run. */
const INSIDE = 3000;

/** The process that computes for a command line. */
const computing = async ({ pid }: ChildProcess): Promise<number> => {
  const found = (await processes()).find(({ parent }) => parent === pid);
  if (!found) throw new Error(`process ${String(pid)} has no child`);
  return found.pid;
};

/** Times are of the clock: on a machine that is busy with other things one of three tries is enough. */
const TIMED = { retry: 2, timeout: 60_000 };

describe("the command line in a native run", TIMED, () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s ends it within 0.3 s with status 130 and one word, and nothing of it is left", async (signal) => {
    const { child, ended } = start();
    await pause(INSIDE);
    const pid = await computing(child);
    const before = performance.now();
    child.kill(signal);
    const { status, stderr } = await ended;
    const took = performance.now() - before;
    console.log(`${signal}: ${took.toFixed(0)} ms`);
    expect({ status, stderr }).toEqual({ status: 130, stderr: "interrupted\n" });
    expect(took).toBeLessThan(300);
    await untilGone(pid);
  });

  it("--timeout ends it within 0.3 s of its time, with the error that says so", async () => {
    // The start of two processes comes before the time begins to run: taken from a run of the same kind, just before.
    const starting = (await start("--timeout", "1s").ended).after - 1000;
    const { status, stderr, after } = await start("--timeout", "3s").ended;
    console.log(`--timeout 3s: ${after.toFixed(0)} ms after the start, which took ${starting.toFixed(0)} ms`);
    expect(status).toBe(4);
    expect(stderr).toMatch(/^error TIMEOUT: the work was not done after 3 s \(--timeout\)\nhint: .*\n$/);
    expect(after - starting).toBeLessThan(3000 + 300);
  });

  it("a killed computing process is an error with a hint, not silence", async () => {
    const { child, ended } = start();
    await pause(INSIDE);
    process.kill(await computing(child), "SIGKILL");
    const { status, stderr } = await ended;
    expect(status).toBe(4);
    expect(stderr).toMatch(/^error RUNTIME_CRASH: the process that computed ended by signal SIGKILL, perhaps for memory;.*\nhint: .*--memory.*\n$/);
  });

  it("kill -9 of the command line ends the process that computes within a second", async () => {
    const { child, ended } = start();
    await pause(INSIDE);
    const pid = await computing(child);
    child.kill("SIGKILL");
    const took = await untilGone(pid);
    console.log(`computing process gone ${took.toFixed(0)} ms after kill -9 of the command line`);
    expect(took).toBeLessThan(1000);
    await ended;
  });
});
