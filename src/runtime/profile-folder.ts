import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LensError } from "../core/errors.ts";
import { isRunning } from "../system/is-running.ts";
import { profileOwner, profilePrefix } from "../system/profiles.ts";
import { type NodeRun, readProfile } from "./proof.ts";

/** What to do where there is no temporary folder to write to. */
export const TEMPORARY_HINT = "Set TMPDIR (on Windows TEMP) to a folder that is there, can be written and has room.";

/** Milliseconds that a folder is left alone in any case: a process in another container, whose number means nothing here, may just be using it. */
const YOUNG = 60_000;

const listed = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Removes the folders of processes that are gone; one that cannot be removed is another user's. */
const sweep = (folder: string): void => {
  for (const name of listed(folder)) {
    const owner = profileOwner(name);
    if (owner === null || isRunning(owner)) continue;
    try {
      const path = join(folder, name);
      if (Date.now() - statSync(path).mtimeMs > YOUNG) rmSync(path, { recursive: true, force: true });
    } catch {
      continue;
    }
  }
};

let swept = false;

const make = (): string => {
  const folder = tmpdir();
  try {
    if (!swept) sweep(folder);
    swept = true;
    return mkdtempSync(join(folder, profilePrefix(process.pid)));
  } catch (error) {
    throw new LensError("RUNTIME_LOAD", `The profile that tells what ran where cannot be written to the temporary folder ${folder}: ${error instanceof Error ? error.message : String(error)}.`, TEMPORARY_HINT);
  }
};

/** A folder of its own for the profile of one session, which ONNX Runtime writes when told to end it. @throws LensError RUNTIME_LOAD where there is no temporary folder to write to */
export class ProfileFolder {
  readonly #folder = make();
  /** For `profileFilePrefix`. */
  readonly prefix = join(this.#folder, "run");

  /** The nodes of the profile; none when nothing was written, or when somebody cleaned up. Removes the folder. */
  take(): NodeRun[] {
    try {
      return listed(this.#folder).flatMap((file) => readProfile(readFileSync(join(this.#folder, file), "utf8")));
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}
