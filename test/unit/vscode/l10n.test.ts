import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = path.join(root, "src/vscode");

/** The texts given to l10n.t in one file; one that is put together at run time cannot be translated and is returned as its source. */
const textsOf = (file: string): string[] => {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /\bl10n\.t$/.test(node.expression.getText())) {
      const [first] = node.arguments;
      found.push(first && ts.isStringLiteralLike(first) ? first.text : `not a literal: ${first?.getText() ?? ""}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  return found;
};

describe("the texts of the extension", () => {
  it("are all in media/l10n/bundle.l10n.json, which translators copy, and nothing else is", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => path.join(folder, name));
    const texts = [...new Set(files.flatMap(textsOf))].sort();
    const bundle = JSON.parse(readFileSync(path.join(root, "media/l10n/bundle.l10n.json"), "utf8")) as Record<string, string>;
    expect(bundle).toEqual(Object.fromEntries(texts.map((text) => [text, text])));
  });
});
