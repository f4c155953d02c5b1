import { constants } from "node:fs";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { LensError } from "../core/errors.ts";

const failed = (path: string, error: unknown): LensError =>
  new LensError("WRITE_FAILED", `${path}: cannot be written (${error instanceof Error ? error.message : String(error)})`, "Check the folder and its permissions.", { cause: error });

/** Finds out before a long analysis that its output has nowhere to go. @throws LensError WRITE_FAILED. */
export const checkOutputs = async (paths: readonly (string | undefined)[]): Promise<void> => {
  for (const path of paths) {
    if (path === undefined || path === "-") continue;
    const folder = dirname(path);
    try {
      await access(folder, constants.W_OK);
    } catch (error) {
      throw failed(path, error);
    }
    const facts = await stat(path).catch(() => null);
    if (facts?.isDirectory() === true) throw failed(path, new Error("it is a folder"));
  }
};

/** @throws LensError WRITE_FAILED. */
export const writeText = async (path: string, text: string): Promise<void> => {
  await writeFile(path, text).catch((error: unknown) => { throw failed(path, error); });
};

/** Makes a folder where there is none. @throws LensError WRITE_FAILED. */
export const makeFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true }).catch((error: unknown) => { throw failed(path, error); });
};
