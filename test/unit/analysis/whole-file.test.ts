import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../../src/analysis/whole-file.ts";

const folder = (): string => mkdtempSync(path.join(tmpdir(), "lens-whole-"));

const fails = (code: string) => async (file: string): Promise<void> => {
  await writeFile(file, "half");
  throw Object.assign(new Error(`${code}: no space left on device`), { code });
};

describe("a file that is written whole or not at all", () => {
  it("stays what it was, and nothing lies beside it, where writing fails half way; a full disk is named", async () => {
    const root = folder();
    const file = path.join(root, "a.json");
    writeFileSync(file, "before");
    await expect(replaceFile(file, fails("ENOSPC"))).rejects.toMatchObject({ code: "WRITE_FAILED", message: expect.stringContaining(file) as string, hint: "Make room on that disk, or write to another one." });
    await expect(replaceFile(path.join(root, "b.json"), fails("EACCES"))).rejects.toMatchObject({ code: "WRITE_FAILED", hint: "Check the folder and its permissions." });
    expect([readFileSync(file, "utf8"), readdirSync(root)]).toEqual(["before", ["a.json"]]);
  });

  it("keeps its mode, and is what a link points at", async () => {
    const root = folder();
    const [file, link] = [path.join(root, "a.json"), path.join(root, "link.json")];
    writeFileSync(file, "before");
    chmodSync(file, 0o640);
    symlinkSync(file, link);
    await replaceFile(link, (beside) => writeFile(beside, "after"));
    expect([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink(), readdirSync(root)]).toEqual(["after", true, ["a.json", "link.json"]]);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it.runIf(process.platform !== "win32")("is itself written where it is a device", async () => {
    await replaceFile("/dev/null", (file) => writeFile(file, "gone"));
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
