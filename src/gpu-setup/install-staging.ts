import { randomUUID } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { isRunning } from "../system/is-running.ts";

/** The folder of one installation while it is being made: named by its process, so that others can tell whether that still works at it. */
export const stagingFolder = (storage: string): string => path.join(storage, `staging-${process.pid}-${randomUUID()}`);

/** What such a folder is named by: the process in front. Older versions wrote no process. */
const NAME = /^staging-(?:(\d+)-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Milliseconds that no installation takes: a number of a process may be another one's by then. */
const LONG = 24 * 60 * 60 * 1000;

/** Deletes what installations left whose process is gone: killed with its computer, or its window. Never rejects. */
export const removeAbandoned = async (storage: string): Promise<void> => {
  for (const name of await readdir(storage).catch(() => [])) {
    const found = NAME.exec(name);
    if (found === null) continue;
    const folder = path.join(storage, name);
    const touched = await stat(folder).then(({ mtimeMs }) => mtimeMs, () => Date.now());
    const working = found[1] === undefined || isRunning(Number(found[1]));
    if (!working || Date.now() - touched > LONG) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
};
