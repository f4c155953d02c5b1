import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let loaded = 0;

/** The exports of a few lines of TypeScript, written as if they stood in the repository's root; ONNX Runtime is loaded from node_modules. */
export const load = async (source) => {
  const folder = path.join(ROOT, "out", "bench");
  mkdirSync(folder, { recursive: true });
  const outfile = path.join(folder, `${process.pid}-${loaded++}.mjs`);
  const banner = { js: 'import { createRequire as jlRequire } from "node:module"; const require = jlRequire(import.meta.url);' };
  await esbuild.build({ stdin: { contents: source, resolveDir: ROOT, loader: "ts" }, bundle: true, outfile, format: "esm", platform: "node", target: "node20", external: ["onnxruntime-node"], banner, logLevel: "warning" });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
};
