import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export type PageName = "lens" | "sidebar";

/** The folder of everything a page may load. */
export const pagesFolder = (extension: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extension, "dist", "webview");

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The shell of a page: its style sheet, its script and an empty root. Nothing may load but these; all data comes by message after "ready".
 */
export const pageHtml = (webview: vscode.Webview, extension: vscode.Uri, page: PageName, title: string): string => {
  const nonce = randomBytes(18).toString("base64url");
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(pagesFolder(extension), file)).toString();
  const policy = ["default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${webview.cspSource} 'nonce-${nonce}'`, `img-src ${webview.cspSource} data:`, `font-src ${webview.cspSource}`];
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${address(`${page}.css`)}">
</head>
<body>
<main id="root"></main>
<script nonce="${nonce}" src="${address(`${page}.js`)}"></script>
</body>
</html>`;
};
