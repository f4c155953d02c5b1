import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** The exports of a few lines of TypeScript, written as if they stood in the repository's root; bundled in memory. */
export const load = async (source) => {
  const resolveDir = fileURLToPath(new URL("../..", import.meta.url));
  const { outputFiles } = await esbuild.build({ stdin: { contents: source, resolveDir, loader: "ts" }, bundle: true, write: false, format: "esm", platform: "node", target: "node20", logLevel: "warning" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
};
