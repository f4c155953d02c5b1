import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const filesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => path.join(folder, name));
const linesOf = (file: string): string[] => readFileSync(path.join(root, file), "utf8").split("\n");

describe("the extension's sources", () => {
  it("call nothing that waits for the disk or a process while the editor stands still", () => {
    const found = [...filesIn("src/vscode"), "src/worker/client.ts"].flatMap((file) => linesOf(file).filter((line) => /\b\w+Sync\(/.test(line)).map((line) => `${file}: ${line.trim()}`));
    expect(found).toEqual([]);
  });

  it("keep the entry point under 120 lines", () => {
    expect(linesOf("src/vscode/extension.ts").length).toBeLessThanOrEqual(120);
  });

  it("turn errors into messages in one place", () => {
    const found = filesIn("src/vscode").filter((file) => linesOf(file).some((line) => line.includes("registerCommand(")));
    expect(found).toEqual(["src/vscode/commands/command.ts"]);
  });
});
