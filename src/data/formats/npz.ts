import { LensError, toLensError } from "../../core/errors.ts";
import type { ArraySource, SkippedArray } from "../dataset.ts";
import { startsWith, type Format } from "./format.ts";
import { entrySource } from "./inflate.ts";
import { openNpy } from "./npy.ts";
import { readZipDirectory } from "./zip.ts";

/**
 * NumPy .npz: a zip archive of .npy files, stored or deflated, zip64 too. Listing it reads the directory and the beginning of each array.
 * Errors: NPZ_DAMAGED, NPZ_ENCRYPTED, NPZ_METHOD, and those of npy; an array that cannot be used is listed as skipped, with its error.
 */
export const npz: Format = {
  id: "npz",
  extensions: [".npz", ".zip"],
  matches: (head) => startsWith(head, "PK\x03\x04") || startsWith(head, "PK\x05\x06"),
  open: async (source, path) => {
    const arrays: ArraySource[] = [];
    const skipped: SkippedArray[] = [];
    for (const entry of await readZipDirectory(source, path)) {
      if (entry.name.endsWith("/")) continue;
      const name = entry.name.replace(/\.npy$/, "");
      const where = `${path}, array "${name}"`;
      try {
        arrays.push(await openNpy(await entrySource(source, entry, where), name, where));
      } catch (error) {
        const reason = toLensError(error);
        if (reason.code === "INTERNAL") throw error;
        skipped.push({ name, reason });
      }
    }
    if (arrays.length === 0 && skipped.length === 0) throw new LensError("DATA_EMPTY", `${path}: the archive holds no arrays`, "Write it with numpy.savez(path, x=…, y=…).");
    return { arrays, skipped };
  },
};
