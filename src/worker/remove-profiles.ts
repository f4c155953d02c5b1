import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { profileOwner } from "../core/profile-names.ts";

/**
 * Removes the folders of profiles that a worker left when it was killed; undefined: one that never started. Never rejects. The same as
 * src/runtime/profile-folder.ts does, which is no part of the extension host.
 */
export const removeProfiles = async (pid: number | undefined): Promise<void> => {
  if (pid === undefined) return;
  const names = (await readdir(tmpdir()).catch(() => [])).filter((name) => profileOwner(name) === pid);
  await Promise.all(names.map((name) => rm(path.join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)));
};
