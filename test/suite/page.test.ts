import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { pageHtml } from "../../src/vscode/panels/page-html.ts";

describe("a page's shell", () => {
  const panel = (): string => {
    const made = vscode.window.createWebviewPanel("test", "test", { viewColumn: vscode.ViewColumn.Active, preserveFocus: true });
    const html = pageHtml(made.webview, vscode.Uri.file("/extension"), "lens", "a <b> & \"c\"");
    made.dispose();
    return html;
  };

  it("lets nothing load but its own script and style sheet", () => {
    const html = panel();
    const policy = /content="([^"]+)"/.exec(html)?.[1] ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w-]{24}'; style-src /);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.doesNotMatch(html, / on\w+=|style=|<style/);
  });

  it("has a new nonce each time and no markup from its title", () => {
    const nonce = (html: string): string => /nonce="([^"]+)"/.exec(html)?.[1] ?? "";
    assert.notEqual(nonce(panel()), nonce(panel()));
    assert.ok(panel().includes("a &#60;b&#62; &#38; &#34;c&#34;"));
  });
});
