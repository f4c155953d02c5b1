import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Folders of profiles lie among the system's temporary files and are named by the process that runs the graphs: who watches over it, and who comes
 * after it, removes what it could not when it was killed.
 */
const NAME = /^jacobian-lens-profile-(\d+)-/;

/** How the names of a process's folders begin. */
export const profilePrefix = (pid: number): string => `jacobian-lens-profile-${pid}-`;

/** The process that a name is by; null for the name of something else. */
export const profileOwner = (name: string): number | null => {
  const pid = NAME.exec(name)?.[1];
  return pid === undefined ? null : Number(pid);
};

/** Removes the folders of a process that has ended, however it did; undefined: one that never started. Never rejects. */
export const removeProfiles = async (pid: number | undefined): Promise<void> => {
  if (pid === undefined) return;
  const names = (await readdir(tmpdir()).catch(() => [])).filter((name) => profileOwner(name) === pid);
  await Promise.all(names.map((name) => rm(path.join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)));
};
