import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";

/** One import that esbuild followed or left to the run time. Imports of types are gone by then. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly external: boolean;
}

export type BundleName = "extension" | "worker" | "lifeline" | "cli" | "gpu-installer" | "webview-lens" | "webview-sidebar";
export const BUNDLES: readonly BundleName[] = ["extension", "worker", "lifeline", "cli", "gpu-installer", "webview-lens", "webview-sidebar"];

const read = (name: BundleName): Metafile => JSON.parse(readFileSync(fileURLToPath(new URL(`../../dist/meta/${name}.json`, import.meta.url)), "utf8")) as Metafile;

/** The source files of a bundle that are this project's own, relative to the root. */
export const ownFiles = (name: BundleName): readonly string[] => Object.keys(read(name).inputs).filter((file) => /^(src|webview)\//.test(file));

/** All imports made by this project's own files of a bundle. */
export const edges = (name: BundleName): readonly Edge[] =>
  Object.entries(read(name).inputs)
    .filter(([from]) => /^(src|webview)\//.test(from))
    .flatMap(([from, { imports }]) => imports.map((item) => ({ from, to: item.path, external: item.external ?? false })));

/** "src/onnx/read.ts" → "onnx"; undefined outside src/. */
export const layerOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1];

export const isNodeBuiltin = (name: string): boolean => name.startsWith("node:") || builtinModules.includes(name);
