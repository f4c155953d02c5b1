import * as vscode from "vscode";
import { type ConfirmPlan, confirmWith, costLine, type PlanDialog, shownDuration, shownMemory } from "./decide.ts";

const dialog: PlanDialog = {
  async ask(plan, chosen, others) {
    const [run, other] = [vscode.l10n.t("Run"), vscode.l10n.t("Other method…")];
    const title = vscode.l10n.t("This analysis takes about {0} by the method {1}.", shownDuration(chosen.seconds ?? 0), chosen.method);
    const detail = [
      vscode.l10n.t("Memory: {0} of {1} allowed.", shownMemory(chosen.memory ?? 0), shownMemory(plan.limit)),
      vscode.l10n.t("Result: {0}.", chosen.returns),
      vscode.l10n.t("This method because {0}.", plan.because),
    ].join("\n");
    const answer = await vscode.window.showWarningMessage(title, { modal: true, detail }, ...(others ? [run, other] : [run]));
    return answer === undefined ? undefined : answer === run ? "run" : "other";
  },
  async pick(methods) {
    const items = methods.map((own) => ({ label: own.method, description: costLine(own), detail: own.returns, method: own.method }));
    return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Method"), placeHolder: vscode.l10n.t("The methods that fit the memory"), matchOnDetail: true }))?.method;
  },
};

/** Shows a plan that would take longer than `seconds` in a modal dialog: run it, by this method or another, or not at all. */
export const confirmPlan = (seconds: () => number | null): ConfirmPlan => confirmWith(dialog, seconds);
