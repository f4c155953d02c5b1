import { existsSync } from "node:fs";
import path from "node:path";

/** The full path of a program on PATH, or undefined. @param {string} name */
export const onPath = (name) => {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
};
