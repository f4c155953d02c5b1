import * as vscode from "vscode";
import { LensError } from "../../core/errors.ts";
import type { App } from "../app.ts";

/** The full path that a menu (a Uri) or a link (a string) gave; undefined for anything else, such as the second argument of a menu. */
export const fileArgument = (value: unknown): string | undefined => {
  if (typeof value === "string" && value !== "") return value;
  if (!(value instanceof vscode.Uri)) return undefined;
  if (value.scheme === "file") return value.fsPath;
  throw new LensError("NOT_ON_DISK", vscode.l10n.t("{0} is not a file on this machine's disk.", value.toString(true)), vscode.l10n.t("Save or download it first: ONNX Runtime reads files only."));
};

/** The run that a link (its id) or a tree item gave, else the one the user picks of those stored; undefined when the user thinks better of it. */
export const runArgument = async (app: App, value: unknown, title: string): Promise<string | undefined> => {
  await app.store.load();
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "runId" in value && typeof value.runId === "string") return value.runId;
  const items = app.store.list().map(({ id, summary }) => ({
    label: vscode.workspace.asRelativePath(summary.model),
    description: vscode.workspace.asRelativePath(summary.data),
    detail: new Date(summary.created).toLocaleString(vscode.env.language),
    id,
  }));
  if (items.length === 0) throw new LensError("RESULT_NONE", vscode.l10n.t("There is no stored result yet."), vscode.l10n.t("Run “Jacobian Lens: Analyze Jacobian” first."));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.id;
};
