import { randomUUID } from "node:crypto";
import { chmod, realpath, rename, rm, stat } from "node:fs/promises";
import { LensError } from "../core/errors.ts";

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** @param error of the file system. */
export const writeFailed = (path: string, error: unknown): LensError => {
  const full = error instanceof Error && "code" in error && NO_SPACE.has(String(error.code));
  return new LensError("WRITE_FAILED", `${path}: cannot be written (${error instanceof Error ? error.message : String(error)})`, full ? "Make room on that disk, or write to another one." : "Check the folder and its permissions.", { cause: error });
};

/**
 * Has a file written whole or not at all: `write` is given a name beside it, which takes its place when it is done, so that a full disk or a
 * killed process leaves what was there. A device or pipe is written itself, a link what it points at.
 * @throws LensError WRITE_FAILED, and what `write` throws that is one already.
 */
export const replaceFile = async (path: string, write: (path: string) => Promise<void>): Promise<void> => {
  try {
    const target = await realpath(path).catch(() => path);
    const facts = await stat(target).catch(() => null);
    if (facts && !facts.isFile()) {
      await write(target);
      return;
    }
    const beside = `${target}.${process.pid}-${randomUUID().slice(0, 8)}.partial`;
    try {
      await write(beside);
      if (facts) await chmod(beside, facts.mode);
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw error instanceof LensError ? error : writeFailed(path, error);
  }
};
