import { LensError } from "../../core/errors.ts";
import * as vscode from "vscode";
import { analyzePair } from "../analyze-pair.ts";
import { pickData, pickModel } from "../pick/pick-pair.ts";
import { requireTrust } from "../trust.ts";
import type { Command } from "./command.ts";
import { fileArgument, runArgument } from "./arguments.ts";

/** Analyzes a model (first argument) on data (second), asking for what is not given, and shows the result. Returns the run's id. @throws LensError UNTRUSTED before it asks, and the analysis's */
export const analyze: Command = async (app, first, second) => {
  requireTrust();
  const model = fileArgument(first) ?? await pickModel(app.pairs);
  if (model === undefined) return undefined;
  const data = fileArgument(second) ?? await pickData(app.pairs, model);
  if (data === undefined) return undefined;
  const runId = await analyzePair(app, { model, data });
  await app.panels.open(runId);
  return runId;
};

/** Analyzes the model and data of a stored result again, with today's settings. */
export const analyzeAgain: Command = async (app, first) => {
  const chosen = await runArgument(app, first, vscode.l10n.t("Analyze again"));
  if (chosen === undefined) return undefined;
  const stored = app.store.get(chosen);
  if (!stored) throw new LensError("RESULT_UNKNOWN", vscode.l10n.t("There is no stored result {0}.", chosen), vscode.l10n.t("Run the analysis from the model instead."));
  return analyze(app, stored.summary.model, stored.summary.data);
};
