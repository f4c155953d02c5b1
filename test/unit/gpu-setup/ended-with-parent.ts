import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { vi } from "vitest";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export interface Family {
  /** A TypeScript program in which a child is started. */
  readonly program: string;
  /** The folder that its imports are relative to. */
  readonly root: string;
  /** Where the program is built. */
  readonly file: string;
  /** Where the child leaves its number. */
  readonly pidFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Kills the program as soon as its child says that it runs, and waits for the child to end; rejects when it does not within four seconds. */
export const endedWithParent = async ({ program, root, file, pidFile, environment }: Family): Promise<void> => {
  await build({ stdin: { contents: program, resolveDir: root, loader: "ts" }, outfile: file, bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" });
  const parent = spawn(process.execPath, [file], { stdio: "inherit", env: { ...process.env, ...environment } });
  const child = await vi.waitFor(async () => {
    const pid = Number(await readFile(pidFile, "utf8"));
    if (pid === 0) throw new Error("the child has not begun");
    return pid;
  }, { timeout: 8000 });
  try {
    parent.kill("SIGKILL");
    await vi.waitFor(() => { if (isAlive(child)) throw new Error(`the child ${child} outlives its parent`); }, { timeout: 4000 });
  } finally {
    if (isAlive(child)) process.kill(child, "SIGKILL");
  }
};
