import * as vscode from "vscode";
import type { MethodPlan, Plan } from "../../analysis/plan/plan.ts";
import { namedFile } from "../../protocol/view.ts";
import type { App } from "../app.ts";
import { formatCount } from "../format.ts";
import type { Pair } from "../pick/pick-pair.ts";
import { longFromSettings } from "../settings.ts";
import { type ConfirmPlan, confirmWith, type PlanDialog, shownCost, shownDuration, shownMemory } from "./decide.ts";

/** What is analysed, and what the method takes and gives, a line each. */
const detailOf = (pair: Pair, plan: Plan, chosen: MethodPlan): string => {
  const counts = [plan.parameters, plan.samples, plan.outputs].map((count) => formatCount(count, vscode.env.language));
  return [
    vscode.l10n.t("Model: {0} (parameters: {1}).", namedFile(pair.model).name, counts[0] ?? ""),
    vscode.l10n.t("Data: {0} (samples × outputs: {1} × {2}).", namedFile(pair.data).name, counts[1] ?? "", counts[2] ?? ""),
    vscode.l10n.t("Memory: {0} of {1} allowed.", shownMemory(chosen.memory ?? 0), shownMemory(plan.limit)),
    vscode.l10n.t("Result: {0}.", chosen.returns),
    vscode.l10n.t("This method because {0}.", plan.because),
  ].join("\n");
};

const dialogFor = (app: App, pair: Pair): PlanDialog => ({
  async ask(plan, chosen, others) {
    const [run, other] = [vscode.l10n.t("Run"), vscode.l10n.t("Other Method…")];
    const title = vscode.l10n.t("This analysis takes about {0} by the method {1}.", shownDuration(chosen.seconds ?? 0), chosen.method);
    const answer = await vscode.window.showWarningMessage(title, { modal: true, detail: detailOf(pair, plan, chosen) }, ...(others ? [run, other] : [run]));
    if (answer !== undefined) return answer === run ? "run" : "other";
    app.status.say(vscode.l10n.t("{0} was not analyzed", namedFile(pair.model).name));
    return undefined;
  },
  async pick(methods) {
    const items = methods.map((own) => ({ label: own.method, description: shownCost(own), detail: own.returns, method: own.method }));
    // The dialog that has just closed gives the keyboard back late on a slow machine, which would close the list.
    return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Method"), placeHolder: vscode.l10n.t("The methods that fit the memory"), matchOnDetail: true, ignoreFocusOut: true }))?.method;
  },
});

/** Shows the plan of a pair that would take longer than the user's setting says in a modal dialog: run it, by this method or another, or not at all. */
export const confirmPlan = (app: App, pair: Pair): ConfirmPlan => confirmWith(dialogFor(app, pair), () => longFromSettings(app.setting));
