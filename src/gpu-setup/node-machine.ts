import { access, open, readdir, readFile } from "node:fs/promises";
import { homeFolder } from "./home-folder.ts";
import type { Machine } from "./machine.ts";
import { programOutput, type ProgramOptions } from "./program-output.ts";

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

/** Runs programs, and none again that hung: each further question would wait as long. They are noted in `hung`. */
const runner = (options: ProgramOptions, hung: Set<string>): Machine["run"] => async (program, args) => {
  if (hung.has(program)) return null;
  const output = await programOutput(program, args, options);
  if (output !== "hangs") return output.text;
  hung.add(program);
  return null;
};

export interface NodeMachineOptions {
  /** The environment of the process that ONNX Runtime will run in; default: this one's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** An abort ends the program that runs; whatever is asked later is not run. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that a program may take. Default ten seconds. */
  readonly patience?: number;
}

/** This computer. */
export const nodeMachine = ({ env = process.env, signal, patience = 10_000 }: NodeMachineOptions = {}): Machine => {
  const hung = new Set<string>();
  return {
    platform: process.platform,
    arch: process.arch,
    env,
    home: homeFolder(),
    text: (path) => readFile(path, "utf8").catch(() => null),
    bytes: bytesOf,
    list: async (folder) => (await readdir(folder).catch(() => [])).sort(),
    exists: (path) => access(path).then(() => true, () => false),
    run: runner({ patience, signal }, hung),
    hung,
  };
};
