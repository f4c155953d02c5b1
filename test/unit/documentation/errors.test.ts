import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { exitStatusOf } from "../../../src/cli/exit-status.ts";

const inRepository = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** Every code that the sources give a LensError as a literal, with the files that do. */
const thrown = (): ReadonlyMap<string, readonly string[]> => {
  const codes = new Map<string, string[]>();
  for (const file of readdirSync(inRepository("src"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(inRepository(`src/${file}`), "utf8");
    for (const [, code = ""] of text.matchAll(/new LensError\(\s*"([A-Z_]+)"/g)) codes.set(code, [...(codes.get(code) ?? []), file]);
  }
  return codes;
};

/** The rows of the README's table: a code or a beginning of codes, and the exit status, null for those of VS Code only. */
const documented = (): readonly { readonly pattern: string; readonly status: number | null }[] => {
  const rows = readFileSync(inRepository("README.md"), "utf8").matchAll(/^\| ((?:`[A-Z_*]+`(?:, )?)+) \| (\d+|–) \|/gm);
  return [...rows].flatMap(([, codes = "", status = ""]) =>
    [...codes.matchAll(/`([A-Z_*]+)`/g)].map(([, pattern = ""]) => ({ pattern, status: status === "–" ? null : Number(status) })));
};

const rowOf = (code: string): { readonly pattern: string; readonly status: number | null } | undefined =>
  documented()
    .filter(({ pattern }) => (pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : code === pattern))
    .sort((a, b) => b.pattern.length - a.pattern.length)[0];

describe("the README's table of errors", () => {
  it("has a row for every code of the sources", () => {
    expect([...thrown().keys()].filter((code) => rowOf(code) === undefined)).toEqual([]);
  });

  it("gives the exit status that the command line ends with", () => {
    const wrong = [...thrown().keys()].flatMap((code) => {
      const status = rowOf(code)?.status;
      return status === null || status === exitStatusOf(code) ? [] : [`${code}: ${String(status)} in the README, ${exitStatusOf(code)} in fact`];
    });
    expect(wrong).toEqual([]);
  });

  it("calls nothing a matter of VS Code that the command line can meet", () => {
    const elsewhere = [...thrown()].filter(([code, files]) => rowOf(code)?.status === null && !files.every((file) => /^(vscode|worker|protocol)\//.test(file)));
    expect(elsewhere).toEqual([]);
  });

  it("has no row that no code matches", () => {
    const codes = [...thrown().keys(), "CANCELLED"];
    const idle = documented().filter(({ pattern }) => !codes.some((code) => rowOf(code)?.pattern === pattern));
    expect(idle.map(({ pattern }) => pattern)).toEqual([]);
  });
});
