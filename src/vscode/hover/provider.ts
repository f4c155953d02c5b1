import path from "node:path";
import * as vscode from "vscode";
import { homeFolder } from "../../gpu-setup/home-folder.ts";
import type { App } from "../app.ts";
import { HOVER_LANGUAGES, HOVER_PATTERN } from "../contributions.ts";
import { hoverContent } from "./content.ts";
import { modelFile, ModelFiles, type ModelFile } from "./model-files.ts";
import { candidatePaths, filesEndingIn, onnxPathAt } from "./path-at.ts";

/** Milliseconds a hover may wait for a slow disk; it then says nothing, and finds the answer ready the next time. */
const PATIENCE = 40;

const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => { timer = setTimeout(resolve, milliseconds, null); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const firstExisting = async (paths: readonly string[]): Promise<ModelFile | null> => {
  for (const candidate of paths) {
    const file = await modelFile(candidate);
    if (file) return file;
  }
  return null;
};

/** Says what an .onnx file is where a document names it: from the disk's own facts and the index of stored results, never by computing. */
class ModelHover implements vscode.HoverProvider {
  constructor(private readonly app: App, private readonly files: ModelFiles) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    const found = onnxPathAt(document.lineAt(position.line).text, position.character);
    if (!found) return null;
    const file = await within(PATIENCE, this.resolve(document, found.text));
    if (!file) return null;
    const range = new vscode.Range(position.line, found.start, position.line, found.end);
    return new vscode.Hover(hoverContent(file, this.app.store.ofModel(file.path), Date.now()), range);
  }

  private async resolve(document: vscode.TextDocument, text: string): Promise<ModelFile | null> {
    const folder = document.uri.scheme === "untitled" ? null : path.dirname(document.uri.fsPath);
    const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const direct = await firstExisting(candidatePaths(text, { document: folder, roots, home: homeFolder() }));
    if (direct) return direct;
    await this.files.gather();
    return firstExisting(filesEndingIn(text, this.files.known(), folder).slice(0, 1));
  }
}

/** Registers the hover for every document that may name a model. Costs nothing until one does. */
export const registerHover = (app: App): vscode.Disposable => {
  const files = new ModelFiles();
  const selector = [...HOVER_LANGUAGES.map((language) => ({ language })), { pattern: HOVER_PATTERN }];
  const registration = vscode.languages.registerHoverProvider(selector, new ModelHover(app, files));
  setImmediate(() => { for (const document of vscode.workspace.textDocuments) files.warmFor(document); });
  return vscode.Disposable.from(files, registration);
};
