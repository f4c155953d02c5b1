import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { supervise } from "../../../src/cli/supervise.ts";

let folder = "";
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "lens-supervise-")); });
afterAll(() => rm(folder, { recursive: true }));

/** A program that runs `body` in the place of the command line, its exit status and what is said of it. */
const supervised = async (body: string): Promise<readonly [number, string]> => {
  const entry = join(folder, "entry.cjs");
  await writeFile(entry, body);
  let said = "";
  const status = await supervise(entry, ["analyze"], { out: () => undefined, error: (text) => void (said += text), outColour: false, errorLive: false });
  return [status, said];
};

it.each([0, 1, 2, 3, 4, 130])("status %i of the process that computes is the command line's", async (status) => {
  expect(await supervised(`process.exit(${status})`)).toEqual([status, ""]);
});

it("what a killed process leaves among the temporary files is removed", async () => {
  const name = join(folder, "name");
  const [status, said] = await supervised(`const fs = require("fs"); fs.writeFileSync(${JSON.stringify(name)}, fs.mkdtempSync(require("path").join(require("os").tmpdir(), "jacobian-lens-profile-" + process.pid + "-"))); process.kill(process.pid, "SIGKILL"); setInterval(() => undefined, 1000)`);
  expect([status, said.startsWith("error RUNTIME_CRASH")]).toEqual([4, true]);
  expect(existsSync(await readFile(name, "utf8"))).toBe(false);
});

it.each([[9, /--provider cpu/], [127, /LD_LIBRARY_PATH|onnxruntime-node/]])("status %i is none of the command line's: native code ended the process, and that is said", async (code, hint) => {
  const [status, said] = await supervised(`process.exit(${code})`);
  expect(status).toBe(4);
  expect(said).toMatch(new RegExp(`^error RUNTIME_CRASH: the process that computed ended with status ${code}; what it wrote stands above\\nhint: .*\\n$`));
  expect(said).toMatch(hint);
});
