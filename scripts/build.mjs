/**
 * Builds everything that runs: dist/extension.js, dist/worker.cjs, dist/lifeline.cjs, dist/cli.cjs, dist/webview/*, each with its metafile in dist/meta/.
 *   node scripts/build.mjs [--production]
 * --production: minified, without source maps (what is packaged).
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { thirdPartyNotices } from "./support/notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const production = process.argv.includes("--production");

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  legalComments: "none",
};

/** @type {esbuild.BuildOptions} */
const node = { ...common, platform: "node", format: "cjs", target: "node20", external: ["vscode", "onnxruntime-node"] };

/** @type {esbuild.BuildOptions} */
const browser = { ...common, platform: "browser", format: "iife", target: "chrome120" };

/** What is built: a name for the metafile, its entry point and its output. */
const bundles = [
  { name: "extension", entry: "src/vscode/extension.ts", options: { ...node, outfile: "dist/extension.js" } },
  { name: "worker", entry: "src/worker/main.ts", options: { ...node, outfile: "dist/worker.cjs" } },
  { name: "lifeline", entry: "src/worker/lifeline.ts", options: { ...node, outfile: "dist/lifeline.cjs" } },
  { name: "cli", entry: "src/cli/main.ts", options: { ...node, outfile: "dist/cli.cjs", banner: { js: "#!/usr/bin/env node" } } },
  { name: "gpu-installer", entry: "src/gpu-setup/installer/main.ts", options: { ...node, external: [], outfile: "dist/gpu-installer.cjs" } },
  { name: "webview-lens", entry: "webview/lens/main.ts", options: { ...browser, outfile: "dist/webview/lens.js" } },
  { name: "webview-sidebar", entry: "webview/sidebar/main.ts", options: { ...browser, outfile: "dist/webview/sidebar.js" } },
];

/** The WebAssembly kernels come first: src/linalg imports what this writes. */
const buildKernels = () => {
  const { status } = spawnSync(process.execPath, [path.join(root, "scripts/build-kernels.mjs")], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("scripts/build-kernels.mjs failed");
};

/** Builds one bundle, keeps its metafile and returns it. */
const buildBundle = async ({ name, entry, options }) => {
  const { metafile } = await esbuild.build({ ...options, entryPoints: [entry] });
  writeFileSync(path.join(root, `dist/meta/${name}.json`), JSON.stringify(metafile, null, 1));
  return metafile;
};

/** package.json says "module"; the extension's entry is loaded by require and is named .js by the manifest's convention. */
const markCommonJs = () => writeFileSync(path.join(root, "dist/package.json"), '{ "type": "commonjs" }\n');

mkdirSync(path.join(root, "dist/meta"), { recursive: true });
buildKernels();
markCommonJs();
const metafiles = await Promise.all(bundles.map(buildBundle));
const shippedBeside = ["node_modules/onnxruntime-node", "node_modules/onnxruntime-common"];
writeFileSync(path.join(root, "dist/third-party-notices.txt"), thirdPartyNotices(root, metafiles, shippedBeside));
