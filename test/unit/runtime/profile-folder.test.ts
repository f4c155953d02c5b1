import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { profilePrefix, removeProfiles } from "../../../src/system/profiles.ts";

/** A number that no process has: greater than Linux and macOS give. */
const GONE = 2 ** 22 + 1;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "lens-profiles-"));
  vi.stubEnv("TMPDIR", folder);
  vi.stubEnv("TEMP", folder);
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** As a process that makes its first folder; each process sweeps once. */
const makeFolder = async () => new (await import("../../../src/runtime/profile-folder.ts")).ProfileFolder();

const left = (name: string, secondsAgo = 0): string => {
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, "run.json"), "[]");
  utimesSync(path.join(folder, name), Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);
  return name;
};

it("a folder is named by its process; a profile that was never written has no nodes, and leaves no folder behind", async () => {
  const own = await makeFolder();
  expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`^${profilePrefix(process.pid)}`))]);
  expect([own.take(), readdirSync(folder)]).toEqual([[], []]);
});

it("a folder that somebody cleaned up holds no nodes", async () => {
  const own = await makeFolder();
  rmSync(path.dirname(own.prefix), { recursive: true });
  expect(own.take()).toEqual([]);
});

it("what killed processes left is removed by the next, not what a running one uses, or one that may run where its number means nothing", async () => {
  const kept = [left(`${profilePrefix(process.ppid)}a`, 3600), left(`${profilePrefix(GONE)}young`), left("lens-other", 3600)];
  left(`${profilePrefix(GONE)}old`, 3600);
  (await makeFolder()).take();
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

it("who watches over a process removes all that it left, and nothing else", async () => {
  const other = left(`${profilePrefix(77)}a`);
  left(`${profilePrefix(7)}a`);
  left(`${profilePrefix(7)}b`);
  await removeProfiles(7);
  await removeProfiles(undefined);
  expect(readdirSync(folder)).toEqual([other]);
});

it("where there is no temporary folder to write to, that is named with what to do", async () => {
  vi.stubEnv("TMPDIR", path.join(folder, "none"));
  vi.stubEnv("TEMP", path.join(folder, "none"));
  await expect(makeFolder()).rejects.toMatchObject({ code: "RUNTIME_LOAD", message: expect.stringContaining(path.join(folder, "none")) as string, hint: expect.stringContaining("TMPDIR") as string });
  await expect(removeProfiles(7)).resolves.toBeUndefined();
});
