import fs from "node:fs";
import path from "node:path";

/** Name of the fetched package beside the installer's folders, once it has been unpacked. */
export const KEPT_PACKAGE = "package.nupkg";

/**
 * The installer of onnxruntime-node deletes the package that it fetched. It is kept instead, so that its hash can be compared with the one
 * that the feed publishes: in this process, which does nothing else, the deletion moves it out of the way first.
 */
const remove = fs.rmSync;
fs.rmSync = (target, options) => {
  const folder = String(target);
  const name = fs.existsSync(folder) && fs.statSync(folder).isDirectory() ? fs.readdirSync(folder).find((entry) => entry.endsWith(".nupkg")) : undefined;
  if (name !== undefined) fs.renameSync(path.join(folder, name), path.join(process.cwd(), KEPT_PACKAGE));
  remove(target, options);
};
