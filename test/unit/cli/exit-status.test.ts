import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { exitStatusOf, familyOf } from "../../../src/cli/exit-status.ts";

const SOURCE = fileURLToPath(new URL("../../../src", import.meta.url));

/** Codes that never reach the command line: they belong to the worker process and its channel. */
const ELSEWHERE = /^(?:WORKER|PROTOCOL)_/;

const codesInSource = (): string[] => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.startsWith("vscode"));
  const codes = files.flatMap((name) => [...readFileSync(`${SOURCE}/${name}`, "utf8").matchAll(/LensError\(\s*"([A-Z_0-9]+)"/g)].map((match) => match[1] ?? ""));
  return [...new Set(codes)].filter((code) => !ELSEWHERE.test(code)).sort();
};

it("every error code of the program belongs to a family with an exit status", () => {
  const codes = codesInSource();
  expect(codes.length).toBeGreaterThan(40);
  expect(codes.filter((code) => familyOf(code) === undefined)).toEqual([]);
});

it.each([["USAGE_OPTION", 2], ["DATA_NAN", 3], ["LABEL_RANGE", 3], ["NPZ_DAMAGED", 3], ["NPZ_SIZE", 4], ["MODEL_DAMAGED", 3], ["MODEL_DYNAMIC", 4], ["RUNTIME_RUN", 4], ["CHECK_FAILED", 1], ["CANCELLED", 130], ["SOMETHING_ELSE", 4]])("%s ends with status %i", (code, status) => {
  expect(exitStatusOf(code)).toBe(status);
});
