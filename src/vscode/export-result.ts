import { copyFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { LensError } from "../core/errors.ts";
import type { App } from "./app.ts";

/** Asks for a place and writes the exact result there; false when the user thinks better of it. @throws LensError RESULT_UNKNOWN, RESULT_EXPORT */
export const exportResult = async (app: App, runId: string): Promise<boolean> => {
  const source = app.store.fileOf(runId);
  const model = app.store.get(runId)?.summary.model ?? runId;
  const proposal = path.join(path.dirname(model), `${path.basename(model, path.extname(model))}.jacobian.json`);
  const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(proposal), filters: { JSON: ["json"] }, title: vscode.l10n.t("Export the result") });
  if (!target) return false;
  await copyFile(source, target.fsPath).catch((error: unknown) => {
    throw new LensError("RESULT_EXPORT", vscode.l10n.t("{0} could not be written: {1}", target.fsPath, String(error)), vscode.l10n.t("Choose another place."), { cause: error });
  });
  return true;
};
