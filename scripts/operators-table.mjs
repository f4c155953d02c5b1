/** Writes the README's table of operators from `jacobian-lens operators`; run after `npm run build` when rules were added. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./support/run.mjs";

const KINDS = { rule: "derivative rule, J·v and Jᵀ·u", rewritten: "written as other operators first", zero: "derivative zero, on purpose" };

const lines = execFileSync(process.execPath, [path.join(ROOT, "dist/cli.cjs"), "operators"], { encoding: "utf8" }).split("\n");
const rows = lines.flatMap((line) => {
  const [, operator, kind] = /^(\S+)\s+(rule|rewritten|zero)\s/.exec(line) ?? [];
  return operator === undefined ? [] : [{ operator, kind }];
});
const table = Object.entries(KINDS).map(([kind, text]) => {
  const own = rows.filter((row) => row.kind === kind).map((row) => row.operator);
  return `| ${text} | ${own.length} | ${own.join(", ")} |`;
});
const file = path.join(ROOT, "README.md");
const block = ["<!-- operators -->", "| | | operators |", "| --- | --- | --- |", ...table, "<!-- /operators -->"].join("\n");
writeFileSync(file, readFileSync(file, "utf8").replace(/<!-- operators -->[^]*<!-- \/operators -->/, block));
