import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { listRules } from "../../../src/analysis/operators.ts";

it("the README's table of operators is that of the rules (node scripts/operators-table.mjs writes it)", () => {
  const readme = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");
  const block = /<!-- operators -->([^]*)<!-- \/operators -->/.exec(readme)?.[1] ?? "";
  const named = [...block.matchAll(/^\| [^|]+ \| \d+ \| ([^|]+) \|$/gm)].flatMap(([, list = ""]) => list.split(", "));
  expect(named.sort()).toEqual(listRules().map((rule) => (rule.domain === "" ? rule.operator : `${rule.domain}.${rule.operator}`)).sort());
});
