import path from "node:path";
import * as vscode from "vscode";

export interface FileQuestion {
  readonly title: string;
  readonly placeholder: string;
  /** Endings without the dot. */
  readonly endings: readonly string[];
  /** Name of this kind of file in the file dialog. */
  readonly kind: string;
  /** Orders what was found in the workspace. */
  readonly order: (files: readonly string[]) => readonly string[];
  /** Says why a file is proposed, or nothing. */
  readonly note: (file: string) => string;
}

const LIMIT = 5000;

/** Files of the workspace with one of the endings, full paths, outside node_modules and what files.exclude hides. */
export const findByEnding = async (endings: readonly string[]): Promise<readonly string[]> => {
  const pattern = endings.length === 1 ? `**/*.${endings.join("")}` : `**/*.{${endings.join(",")}}`;
  const found = await vscode.workspace.findFiles(pattern, "**/{node_modules,.git,.venv}/**", LIMIT);
  return found.filter((uri) => uri.scheme === "file").map((uri) => uri.fsPath);
};

const browse = async ({ title, kind, endings }: FileQuestion): Promise<string | undefined> => {
  const [uri] = await vscode.window.showOpenDialog({ title, canSelectMany: false, filters: { [kind]: [...endings] } }) ?? [];
  return uri?.fsPath;
};

interface FileItem extends vscode.QuickPickItem {
  readonly file: string | null;
}

const itemFor = (file: string, note: string): FileItem => {
  const folder = path.dirname(vscode.workspace.asRelativePath(file));
  return { label: path.basename(file), description: folder === "." ? "" : folder, ...(note ? { detail: note } : {}), file };
};

/** Asks for one file: those of the workspace in the question's order, and a way to any other. Undefined when the user thinks better of it. */
export const pickFile = async (question: FileQuestion): Promise<string | undefined> => {
  const files = findByEnding(question.endings).then((found): FileItem[] => [
    ...question.order(found).map((file) => itemFor(file, question.note(file))),
    { label: vscode.l10n.t("Browse…"), iconPath: new vscode.ThemeIcon("folder-opened"), alwaysShow: true, file: null },
  ]);
  const chosen = await vscode.window.showQuickPick(files, { title: question.title, placeHolder: question.placeholder, matchOnDescription: true, ignoreFocusOut: true });
  if (!chosen) return undefined;
  return chosen.file ?? browse(question);
};
