import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeEach, expect, it } from "vitest";
import { removeAbandoned, stagingFolder } from "../../../src/gpu-setup/install-staging.ts";
import { endedWithParent } from "./ended-with-parent.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ENDLESS_FEED = fileURLToPath(new URL("endless-feed.cjs", import.meta.url));

let storage = "";
beforeEach(async () => {
  storage = await mkdtemp(path.join(tmpdir(), "lens-staging-"));
  return () => rm(storage, { recursive: true });
});

const make = async (name: string, daysAgo = 0): Promise<void> => {
  const folder = path.join(storage, name);
  await mkdir(folder);
  await writeFile(path.join(folder, "package.nupkg"), "");
  const time = Date.now() / 1000 - daysAgo * 86_400;
  await utimes(folder, time, time);
};

it("folders of installations that were killed are deleted; those of running ones stay, and all that is not named so", async () => {
  const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
  const kept = [path.basename(stagingFolder(storage)), `staging-${randomUUID()}`, "staging-mine", "onnxruntime-1.30.0-cuda12", "linked-abc"];
  for (const name of kept) await make(name, name.startsWith("staging-") && name !== "staging-mine" ? 0 : 9);
  for (const name of [`staging-${gone}-${randomUUID()}`]) await make(name);
  for (const name of [`staging-${process.pid}-${randomUUID()}`, `staging-${randomUUID()}`]) await make(name, 2);
  await removeAbandoned(storage);
  expect(await readdir(storage)).toEqual(kept.sort());
});

it("a storage folder that is not there has nothing to delete", async () => {
  await expect(removeAbandoned(path.join(storage, "none"))).resolves.toBeUndefined();
});

it("the installer ends with the process that started it, also while it is busy, and the next installation deletes its folder", async () => {
  const dist = path.join(storage, "dist");
  for (const [name, entry] of Object.entries({ installer: "src/gpu-setup/installer/main.ts", lifeline: "src/worker/lifeline.ts" })) {
    await build({ entryPoints: [path.join(ROOT, entry)], outfile: path.join(dist, `${name}.cjs`), bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" });
  }
  const installations = path.join(storage, "installations");
  const offered = { id: "cuda12", cuda: 12, files: [], name: "Some.Package", version: "1.30.0", feed: "https://feed.example/index.json" };
  const pidFile = path.join(storage, "pid");
  const options = { installer: path.join(dist, "installer.cjs"), storage: installations, offered, onnxruntime: "1.30.0", published: null, environment: { NODE_OPTIONS: `--require ${ENDLESS_FEED}`, PID_FILE: pidFile } };
  const program = `import { installProviders } from "./src/gpu-setup/install.ts"; void installProviders({ ...${JSON.stringify(options)}, progress: () => undefined });`;
  await endedWithParent({ program, root: ROOT, file: path.join(storage, "parent.cjs"), pidFile });
  expect(await readdir(installations)).toEqual([expect.stringMatching(/^staging-\d+-/)]);
  await removeAbandoned(installations);
  expect(await readdir(installations)).toEqual([]);
}, 20_000);
