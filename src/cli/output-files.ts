import { constants } from "node:fs";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile, writeFailed } from "../analysis/whole-file.ts";
import { LensError } from "../core/errors.ts";

/** What a command line names to be written. */
export interface Outputs {
  /** "-" stands for standard output. */
  readonly text?: string | undefined;
  readonly arrays?: readonly (string | undefined)[];
}

const check = async (path: string): Promise<void> => {
  try {
    await access(dirname(path), constants.W_OK);
    const facts = await stat(path).catch(() => null);
    if (facts?.isDirectory() === true) throw new Error("it is a folder");
    if (facts) await access(path, constants.W_OK);
  } catch (error) {
    throw writeFailed(path, error);
  }
};

/** Finds out before a long analysis that its output has nowhere to go. @throws LensError WRITE_FAILED, USAGE_VALUE. */
export const checkOutputs = async ({ text, arrays = [] }: Outputs): Promise<void> => {
  if (arrays.includes("-")) throw new LensError("USAGE_VALUE", "-: arrays are not written to standard output", "Name a file; ./- is one of that name.");
  for (const path of [text === "-" ? undefined : text, ...arrays]) if (path !== undefined) await check(path);
};

/** Writes a text file whole, or leaves what was there. @throws LensError WRITE_FAILED. */
export const writeText = (path: string, text: string): Promise<void> => replaceFile(path, (beside) => writeFile(beside, text));

/** Makes a folder where there is none, and finds out whether it can be written to. @throws LensError WRITE_FAILED. */
export const makeFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw writeFailed(path, error);
  }
};
