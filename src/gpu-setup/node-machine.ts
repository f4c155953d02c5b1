import { execFile } from "node:child_process";
import { access, open, readdir, readFile } from "node:fs/promises";
import { homeFolder } from "./home-folder.ts";
import type { Machine } from "./machine.ts";

const PATIENCE = 10_000;

const outputOf = (program: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string | null> =>
  new Promise((resolve) => {
    const options = { timeout: PATIENCE, maxBuffer: 16 * 1024 * 1024, windowsHide: true, encoding: "utf8", ...(signal ? { signal } : {}) } as const;
    execFile(program, args, options, (error, stdout) => { resolve(error ? null : stdout); });
  });

const bytesOf = async (path: string, from: number, length: number): Promise<Uint8Array | null> => {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await file.read(buffer, 0, length, from);
    return buffer.subarray(0, bytesRead);
  } catch {
    return null;
  } finally {
    await file.close();
  }
};

export interface NodeMachineOptions {
  /** The environment of the process that ONNX Runtime will run in; default: this one's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** An abort ends the program that runs; whatever is asked later is not run. */
  readonly signal?: AbortSignal | undefined;
}

/** This computer. */
export const nodeMachine = ({ env = process.env, signal }: NodeMachineOptions = {}): Machine => ({
  platform: process.platform,
  arch: process.arch,
  env,
  home: homeFolder(),
  text: (path) => readFile(path, "utf8").catch(() => null),
  bytes: bytesOf,
  list: async (folder) => (await readdir(folder).catch(() => [])).sort(),
  exists: (path) => access(path).then(() => true, () => false),
  run: (program, args) => outputOf(program, args, signal),
});
