import * as vscode from "vscode";
import type { RunningView } from "../protocol/lens.ts";
import { namedFile } from "../protocol/view.ts";
import type { App } from "./app.ts";
import type { Pair } from "./pick/pick-pair.ts";
import { confirmPlan } from "./plan/confirm-plan.ts";
import { requestFromSettings } from "./settings.ts";
import { requireTrust } from "./trust.ts";

/**
 * Analyses a model on its data with the user's settings, under a notification that shows the progress and can stop it. Resolves to the run's
 * id once its result is stored. An analysis that takes long is begun when the user has seen its plan. `onStart` may show the running analysis somewhere else too.
 * @throws LensError UNTRUSTED in a workspace that is not trusted, the pipeline's, WORKER_*, CANCELLED
 */
export const analyzePair = async (app: App, pair: Pair, onStart?: (view: RunningView) => void): Promise<string> => {
  requireTrust();
  await app.pairs.remember(pair);
  const title = vscode.l10n.t("Analyzing the Jacobian of {0} on {1}", namedFile(pair.model).name, namedFile(pair.data).name);
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (report, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => { stop.abort(); });
    let shown = 0;
    let own = "";
    const unfollow = app.runs.onEvent((event) => {
      if (event.kind !== "progress" || event.runId !== own) return;
      const percent = event.fraction * 100;
      report.report({ message: `${event.label} (${percent.toFixed(0)} %)`, increment: Math.max(0, percent - shown) });
      shown = Math.max(shown, percent);
    });
    try {
      return await app.runs.run({ ...requestFromSettings(app.setting), ...pair }, stop.signal, (view) => {
        own = view.runId;
        onStart?.(view);
      }, confirmPlan(app, pair));
    } finally {
      unfollow();
    }
  });
};
