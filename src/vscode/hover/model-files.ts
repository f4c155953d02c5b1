import { stat } from "node:fs/promises";
import * as vscode from "vscode";
import { HOVER_LANGUAGES } from "../contributions.ts";
import { findByEnding } from "../pick/pick-file.ts";

/** A model file as the disk has it. */
export interface ModelFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Documents longer than this are not looked through. */
const LONGEST_LINES = 20_000;

/** The facts of a file, or null when there is none. */
export const modelFile = async (path: string): Promise<ModelFile | null> => {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { path, size: found.size, modified: found.mtimeMs } : null;
};

/**
 * All .onnx files of the workspace by full path: gathered once, when a document first mentions one, and then kept up to date by a watcher, so
 * that a hover finds a bare file name without searching.
 */
export class ModelFiles implements vscode.Disposable {
  private files: Set<string> | null = null;
  private gathering: Promise<void> | null = null;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor() {
    this.subscriptions.push(vscode.workspace.onDidOpenTextDocument((document) => { this.warmFor(document); }));
  }

  /** Files known now; empty until they are gathered. */
  known(): readonly string[] {
    return [...this.files ?? []];
  }

  /** Gathers once. */
  gather(): Promise<void> {
    this.gathering ??= this.search();
    return this.gathering;
  }

  /** Starts gathering if a document mentions a model; for documents that were open before. */
  warmFor(document: vscode.TextDocument): void {
    const languages: readonly string[] = HOVER_LANGUAGES;
    if (this.gathering || !languages.includes(document.languageId) || document.lineCount > LONGEST_LINES) return;
    if (document.getText().includes(".onnx")) void this.gather();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async search(): Promise<void> {
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.onnx", false, true, false);
    const files = new Set<string>();
    this.subscriptions.push(watcher, watcher.onDidCreate((uri) => { files.add(uri.fsPath); }), watcher.onDidDelete((uri) => { files.delete(uri.fsPath); }));
    for (const file of await findByEnding(["onnx"])) files.add(file);
    this.files = files;
  }
}
