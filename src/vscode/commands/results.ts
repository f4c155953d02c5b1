import * as vscode from "vscode";
import { LensError } from "../../core/errors.ts";
import { baseName } from "../../protocol/view.ts";
import { exportResult as exportTo } from "../export-result.ts";
import { runArgument } from "./arguments.ts";
import type { Command } from "./command.ts";

/** Opens the newest result. */
export const openLastResult: Command = async (app) => {
  await app.store.load();
  const [newest] = app.store.list();
  if (!newest) throw new LensError("RESULT_NONE", vscode.l10n.t("There is no stored result yet."), vscode.l10n.t("Run “Jacobian Lens: Analyze Jacobian” first."));
  await app.panels.open(newest.id);
  return newest.id;
};

export const showResult: Command = async (app, first) => {
  const runId = await runArgument(app, first, vscode.l10n.t("Show a result"));
  if (runId !== undefined) await app.panels.open(runId);
  return runId;
};

export const exportResult: Command = async (app, first) => {
  const runId = await runArgument(app, first, vscode.l10n.t("Export a result"));
  return runId !== undefined && exportTo(app, runId);
};

/** Deletes after a question: a result may have taken hours. A second argument `true`, which no menu gives, answers it. */
export const deleteResult: Command = async (app, first, second) => {
  const runId = await runArgument(app, first, vscode.l10n.t("Delete a result"));
  const stored = runId === undefined ? undefined : app.store.get(runId);
  if (!stored) return false;
  const yes = vscode.l10n.t("Delete");
  const question = vscode.l10n.t("Delete the result of {0} on {1}?", baseName(stored.summary.model), baseName(stored.summary.data));
  if (second !== true && (await vscode.window.showWarningMessage(question, { modal: true }, yes)) !== yes) return false;
  await app.store.remove(stored.id);
  return true;
};
