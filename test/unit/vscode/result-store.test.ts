import { mkdtemp, readdir, rm, stat, utimes, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { toSummary } from "../../../src/protocol/view.ts";
import { ResultStore } from "../../../src/vscode/store/result-store.ts";
import { readResult, writeDerived, writeResult } from "../../../src/worker/result-folder.ts";
import { sampleResult } from "../protocol/sample-result.ts";

let folder: string;
let lines: string[];
let rendered: string[];

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), "lens-store-")), "results");
  lines = [];
  rendered = [];
});
afterEach(async () => { await rm(path.dirname(folder), { recursive: true, force: true }); });

/** A store over the test's folder: a second one is what a reload sees. */
const open = (capacity = 10): ResultStore =>
  new ResultStore({
    folder,
    capacity: () => capacity,
    log: (line) => lines.push(line),
    render: async (id, place) => {
      rendered.push(id);
      const result = await readResult(place);
      await writeDerived(place, id, result);
      return toSummary(result);
    },
  });

/** What the worker and the host do when an analysis is done. */
const add = async (store: ResultStore, id: string, changes: Partial<AnalysisResult> = {}): Promise<void> => {
  const result = sampleResult(changes);
  await writeResult(await store.folderFor(id), id, result);
  await store.add(id, toSummary(result));
};

const created = (minute: number): Partial<AnalysisResult> => ({ created: new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString() });

describe("the result store", () => {
  it("lists results newest first, and by model", async () => {
    const store = open();
    await add(store, "a", created(1));
    await add(store, "b", created(3));
    await add(store, "c", { ...created(2), model: { ...sampleResult().model, path: "/models/other.onnx" } });
    expect(store.list().map(({ id }) => id)).toEqual(["b", "c", "a"]);
    expect(store.ofModel("/models/../models/net.onnx").map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("has them again after a reload, the exact result as JSON and the view with its arrays", async () => {
    await add(open(), "a");
    const store = open();
    await store.load();
    expect(store.list().map(({ id, summary }) => [id, summary.model])).toEqual([["a", "/models/net.onnx"]]);
    expect((await store.view("a")).singularValues).toEqual(Float64Array.of(4, 2, 1, 0.5));
    expect(await readResult(path.dirname(store.fileOf("a")))).toEqual(sampleResult());
    expect(lines).toEqual([]);
  });

  it("keeps the cut-off a user chose, in the headline figures and over a reload", async () => {
    const store = open();
    await add(store, "a");
    await Promise.all([store.setCutoff("a", 1), store.setCutoff("a", 3)]);
    expect(store.get("a")?.summary).toMatchObject({ rank: 3, residualInformation: 0.7 });
    const again = open();
    await again.load();
    expect(again.get("a")?.summary.rank).toBe(3);
    expect((await again.view("a")).cutoff).toMatchObject({ rank: 3, alpha: 1, rule: "rank 3" });
  });

  it("drops what was not looked at for longest when it is full", async () => {
    const store = open(2);
    await add(store, "a");
    await add(store, "b");
    await utimes(path.join(folder, "b", "summary.json"), 1, 1);
    const later = open(2);
    await later.load();
    await later.view("a");
    await add(later, "c");
    expect(later.list().map(({ id }) => id).sort()).toEqual(["a", "c"]);
    expect((await readdir(folder)).sort()).toEqual(["a", "c"]);
  });

  it("makes a damaged summary or view again from the result, with a log line", async () => {
    await add(open(), "a");
    await writeFile(path.join(folder, "a", "summary.json"), "{ torn");
    await writeFile(path.join(folder, "a", "view.bin"), "torn");
    const store = open();
    await store.load();
    expect(store.get("a")?.summary.rank).toBe(2);
    await writeFile(path.join(folder, "a", "view.bin"), "torn again");
    expect((await store.view("a")).state).toBe("done");
    expect(rendered).toEqual(["a", "a"]);
    expect(lines).toHaveLength(2);
  });

  it("leaves out what cannot be read at all, and says so", async () => {
    await mkdir(path.join(folder, "broken"), { recursive: true });
    await writeFile(path.join(folder, "broken", "result.json"), "{");
    await writeFile(path.join(folder, "stray file"), "");
    const store = open();
    await add(store, "a");
    expect(store.list().map(({ id }) => id)).toEqual(["a"]);
    expect(lines.join("\n")).toContain("is left out");
  });

  it("removes what a killed worker left half-written long ago, and nothing newer", async () => {
    for (const name of ["old.partial", "new.partial"]) await mkdir(path.join(folder, name), { recursive: true });
    await utimes(path.join(folder, "old.partial"), 1, 1);
    await open().load();
    expect(await readdir(folder)).toEqual(["new.partial"]);
  });

  it("deletes a result with its files and knows it no more", async () => {
    const store = open();
    await add(store, "a");
    await store.remove("a");
    await store.remove("never there");
    await expect(stat(path.join(folder, "a"))).rejects.toThrow("ENOENT");
    await expect(store.view("a")).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
    await expect(store.view("../../etc")).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
  });

  it("tells its listeners of every change until they stop listening", async () => {
    const store = open();
    let changes = 0;
    const stop = store.onDidChange(() => { changes += 1; });
    await add(store, "a");
    expect(changes).toBe(2);
    await store.remove("a");
    expect(changes).toBe(3);
    stop();
    await add(store, "b");
    expect(changes).toBe(3);
  });
});
