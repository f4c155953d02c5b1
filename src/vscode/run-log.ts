import type * as vscode from "vscode";
import type { RunEvent } from "./runs.ts";

/** The level of a line that a worker wrote: ONNX Runtime marks its own as [E:…], [W:…]; V8 and C++ say when they give up. */
export const levelOf = (line: string): "error" | "warn" | "info" => {
  if (/\[[EF]:\w*:|FATAL ERROR|^terminate called/.test(line)) return "error";
  return /\[W:\w*:/.test(line) ? "warn" : "info";
};

/** Writes what becomes of runs to the log, in English: it is read in bug reports. */
export const logRun = (log: vscode.LogOutputChannel, event: RunEvent): void => {
  switch (event.kind) {
    case "started":
      log.info(`${event.view.runId}: ${event.view.model.path} on ${event.view.data.path}`);
      break;
    case "progress":
      log.trace(`${event.runId}: ${(event.fraction * 100).toFixed(1)} % ${event.label}`);
      break;
    case "done": {
      const { samples, outputs, parameters, method, provider, seconds, checksPassed, checksMade } = event.summary;
      log.info(`${event.runId}: done, ${samples} samples × ${outputs} outputs, ${parameters} parameters, ${method} on ${provider}, ${seconds.toFixed(2)} s, ${checksPassed} of ${checksMade} checks passed`);
      break;
    }
    case "failed":
      log.error(`${event.view.runId}: ${event.view.error.code}: ${event.view.error.message}`);
      break;
    case "cancelled":
      log.info(`${event.runId}: cancelled`);
      break;
  }
};
