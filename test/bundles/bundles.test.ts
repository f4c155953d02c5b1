import { describe, expect, it } from "vitest";
import { LAYERS, ORT_FILE, PURE_LAYERS, WEBVIEW_LAYERS } from "../../scripts/layers.mjs";
import { BUNDLES, edges, isNodeBuiltin, layerOf, ownFiles, type Edge } from "./metafile.ts";

const all: readonly Edge[] = BUNDLES.flatMap(edges);
const show = ({ from, to }: Edge): string => `${from} → ${to}`;
const within = (file: string, layers: readonly string[]): boolean => layers.includes(layerOf(file) ?? "");

/** What may never stand in the extension host: it computes nothing. */
const NUMERICS = ["linalg", "onnx", "autodiff", "jacobian", "spectrum", "theory", "runtime", "data", "checkpoints", "analysis"];

const mayImport = (from: string, to: string): boolean => {
  const layer = layerOf(from);
  const target = layerOf(to);
  if (target === undefined) return layer === undefined; // one webview file to another
  if (layer === undefined) return WEBVIEW_LAYERS.includes(target);
  if (layer === "vscode" && target === "worker") return to.startsWith("src/worker/client");
  return target === layer || (LAYERS[layer] ?? []).includes(target);
};

describe("the bundles", () => {
  it.each(BUNDLES)("%s holds files of this project", (name) => {
    expect(ownFiles(name).length).toBeGreaterThan(0);
  });

  it("the extension holds no numerics and no ONNX Runtime", () => {
    expect(ownFiles("extension").filter((file) => within(file, NUMERICS))).toEqual([]);
    expect(edges("extension").filter(({ to }) => to === "onnxruntime-node").map(show)).toEqual([]);
  });

  it.each(["worker", "lifeline", "cli"] as const)("%s knows nothing of VS Code", (name) => {
    expect(edges(name).filter(({ from, to }) => to === "vscode" || layerOf(from) === "vscode").map(show)).toEqual([]);
  });

  it("the GPU installer needs nothing that lies elsewhere: a copy of it runs", () => {
    expect(edges("gpu-installer").filter(({ to, external }) => external && !isNodeBuiltin(to)).map(show)).toEqual([]);
  });

  it.each(["webview-lens", "webview-sidebar"] as const)("%s needs nothing that a browser has not", (name) => {
    expect(edges(name).filter(({ external }) => external).map(show)).toEqual([]);
  });
});

describe("the layers", () => {
  it("every import goes where the table of layers lets it", () => {
    expect(all.filter(({ from, to }) => /^(src|webview)\//.test(to) && !mayImport(from, to)).map(show)).toEqual([]);
  });

  it("every folder of src/ is a layer of the table", () => {
    const folders = new Set(BUNDLES.flatMap(ownFiles).map(layerOf).filter((name) => name !== undefined));
    expect([...folders].filter((name) => !(name in LAYERS))).toEqual([]);
  });

  it("only one file imports ONNX Runtime", () => {
    expect([...new Set(all.filter(({ to }) => to === "onnxruntime-node").map(({ from }) => from))]).toEqual([ORT_FILE]);
  });

  it("only src/vscode imports vscode", () => {
    expect(all.filter(({ from, to }) => to === "vscode" && layerOf(from) !== "vscode").map(show)).toEqual([]);
  });

  it("layers that run anywhere import no Node built-ins", () => {
    expect(all.filter(({ from, to }) => within(from, PURE_LAYERS) && isNodeBuiltin(to)).map(show)).toEqual([]);
  });
});
