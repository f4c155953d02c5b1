import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readResult, writeResult } from "../../../src/worker/result-folder.ts";
import { sampleResult } from "../protocol/sample-result.ts";

let place: string;
beforeEach(async () => { place = await mkdtemp(path.join(tmpdir(), "lens-result-")); });
afterEach(async () => { await rm(place, { recursive: true, force: true }); });

describe("the worker's files", () => {
  it("stand in a folder that is complete, with nothing half-written beside it", async () => {
    await writeResult(path.join(place, "run"), "run", sampleResult());
    expect(await readdir(place)).toEqual(["run"]);
    expect((await readdir(path.join(place, "run"))).sort()).toEqual(["result.json", "summary.json", "view.bin"]);
  });

  it("keep every digit of the result", async () => {
    const result = sampleResult({ singularValues: [Math.PI, 0.1 + 0.2, 5e-324] });
    await writeResult(path.join(place, "run"), "run", result);
    expect(await readResult(path.join(place, "run"))).toEqual(result);
  });

  it("are not left half-written when the place cannot be written", async () => {
    await writeFile(path.join(place, "file"), "");
    await expect(writeResult(path.join(place, "file", "run"), "run", sampleResult())).rejects.toMatchObject({ code: "RESULT_WRITE" });
    expect(await readdir(place)).toEqual(["file"]);
  });

  it.each([["{", "JSON"], ['{"schema": 2}', "schema 1"], ["null", "schema 1"]])("that hold %s are refused", async (content, why) => {
    await writeFile(path.join(place, "result.json"), content);
    await expect(readResult(place)).rejects.toMatchObject({ code: "RESULT_READ", message: expect.stringContaining(why) as string });
  });
});
